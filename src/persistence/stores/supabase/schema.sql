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

CREATE TABLE IF NOT EXISTS dataset_builder_schema (
  version BIGINT PRIMARY KEY
);

INSERT INTO dataset_builder_schema (version) VALUES (1) ON CONFLICT DO NOTHING;

ALTER TABLE datasets ENABLE ROW LEVEL SECURITY;
ALTER TABLE samples ENABLE ROW LEVEL SECURITY;
ALTER TABLE unfinished_saves ENABLE ROW LEVEL SECURITY;
ALTER TABLE dataset_builder_schema ENABLE ROW LEVEL SECURITY;

-- Supabase grants every new table to everybody and leaves the rest to row-level security; these two have no business here.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'anon') THEN
    REVOKE ALL ON datasets, samples, unfinished_saves, dataset_builder_schema FROM anon;
  END IF;
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'service_role') THEN
    GRANT ALL ON datasets, samples, unfinished_saves, dataset_builder_schema TO service_role;
  END IF;
END
$$;

COMMIT;
