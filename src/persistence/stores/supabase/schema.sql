-- The tables of Fine-Tuning Dataset Builder in a Supabase project (or any PostgreSQL).
-- Paste it into the SQL editor of the project, once; running it again changes nothing.
-- Row-level security is on and there is no policy: only the project's secret (service_role) key gets in. To let signed-in
-- users read, add for each table: CREATE POLICY readers ON datasets FOR SELECT TO authenticated USING (true);

BEGIN;

CREATE TABLE IF NOT EXISTS datasets (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  provider TEXT NOT NULL,
  model TEXT NOT NULL,
  mode TEXT NOT NULL,
  created_at TEXT NOT NULL DEFAULT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS'),
  total_samples BIGINT NOT NULL,
  total_tokens BIGINT NOT NULL,
  config TEXT NOT NULL,  -- JSON
  report TEXT,  -- JSON
  samples_key TEXT NOT NULL  -- which rows of samples are the dataset's
);

CREATE TABLE IF NOT EXISTS samples (
  samples_key TEXT NOT NULL,
  position BIGINT NOT NULL,
  id TEXT NOT NULL,
  content TEXT NOT NULL,  -- JSON: [{"role", "content"}]; text, because JSONB would not give back the same characters
  token_length BIGINT NOT NULL,
  topic_keywords TEXT NOT NULL,  -- Comma-separated
  source_file TEXT NOT NULL,
  split TEXT CHECK (split IN ('train', 'validation', 'test')),
  origin TEXT NOT NULL,  -- JSON: where the sample comes from
  digest TEXT NOT NULL,  -- xxh3 of the columns from id to origin
  PRIMARY KEY (samples_key, position)
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_sample_id ON samples (samples_key, id);

-- Samples of a save that has not come to its end; those of killed ones are removed a day later.
CREATE TABLE IF NOT EXISTS unfinished_saves (
  samples_key TEXT PRIMARY KEY,
  started_at TEXT NOT NULL DEFAULT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.MS')
);

-- Version 2: single samples may be changed (through DATABASE_URL); both versions are kept.
ALTER TABLE datasets ADD COLUMN IF NOT EXISTS revision BIGINT NOT NULL DEFAULT 0;

CREATE TABLE IF NOT EXISTS sample_changes (
  dataset_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  samples_key TEXT NOT NULL,  -- which rows it changed: after a new save they are others
  kind TEXT NOT NULL,
  who TEXT NOT NULL,
  why TEXT NOT NULL,
  job TEXT NOT NULL,
  made_at TEXT NOT NULL,
  samples BIGINT NOT NULL,
  undone_by BIGINT NOT NULL,
  undoes TEXT NOT NULL,  -- numbers, comma-separated
  PRIMARY KEY (dataset_id, number)
);

CREATE TABLE IF NOT EXISTS changed_samples (
  dataset_id TEXT NOT NULL,
  change BIGINT NOT NULL,
  sequence BIGINT NOT NULL,
  position BIGINT NOT NULL,
  before_id TEXT,
  after_id TEXT,
  before_row TEXT,  -- JSON: the columns of the row and its digest
  after_row TEXT,
  PRIMARY KEY (dataset_id, change, sequence)
);

CREATE INDEX IF NOT EXISTS idx_changed_before ON changed_samples(dataset_id, before_id);

CREATE INDEX IF NOT EXISTS idx_changed_after ON changed_samples(dataset_id, after_id);

CREATE TABLE IF NOT EXISTS sample_gaps (
  samples_key TEXT NOT NULL,
  position BIGINT NOT NULL,  -- of a sample that was deleted
  PRIMARY KEY (samples_key, position)
);

CREATE TABLE IF NOT EXISTS sample_reviews (
  dataset_id TEXT NOT NULL,
  sample_id TEXT NOT NULL,
  number BIGINT NOT NULL,
  reason TEXT NOT NULL,
  decision TEXT NOT NULL,  -- open, accepted, rejected, edited
  note TEXT NOT NULL,
  who TEXT NOT NULL,
  decided_at TEXT NOT NULL,
  change BIGINT NOT NULL,
  PRIMARY KEY (dataset_id, sample_id)
);

CREATE UNIQUE INDEX IF NOT EXISTS idx_review_number ON sample_reviews(dataset_id, number);

CREATE TABLE IF NOT EXISTS dataset_builder_schema (
  version BIGINT PRIMARY KEY
);

INSERT INTO dataset_builder_schema (version) VALUES (2) ON CONFLICT DO NOTHING;

ALTER TABLE datasets ENABLE ROW LEVEL SECURITY;
ALTER TABLE samples ENABLE ROW LEVEL SECURITY;
ALTER TABLE unfinished_saves ENABLE ROW LEVEL SECURITY;
ALTER TABLE sample_changes ENABLE ROW LEVEL SECURITY;
ALTER TABLE changed_samples ENABLE ROW LEVEL SECURITY;
ALTER TABLE sample_gaps ENABLE ROW LEVEL SECURITY;
ALTER TABLE sample_reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_builder_schema ENABLE ROW LEVEL SECURITY;

-- Supabase grants every new table to everybody and leaves the rest to row-level security; these two have no business here.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN
    REVOKE ALL ON datasets, samples, unfinished_saves, dataset_builder_schema, sample_changes, changed_samples,
      sample_gaps, sample_reviews FROM anon;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    GRANT ALL ON datasets, samples, unfinished_saves, dataset_builder_schema, sample_changes, changed_samples,
      sample_gaps, sample_reviews TO service_role;
  END IF;
END
$$;

COMMIT;
