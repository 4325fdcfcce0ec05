import type { FileFacts } from './facts.js';
import type { Findings } from './settings.js';
import { count, percent } from './text.js';
import { means } from './words.js';

/** What the owner of the data should look at: guesses, and what no file can tell. */
export function notesOn(
  { log, users, choice, events, endColumn, daily }: Findings,
  files: readonly FileFacts[],
): string[] {
  const { horizon, needed, days, enough } = choice;
  const notes: string[] = [];
  if (!enough) {
    notes.push(
      `${days} days of events are too few to train: ${needed} are needed for the shortest horizon (${horizon.value}); \`churn-mlops run\` works, train when there are more`,
    );
  }
  if (horizon.confidence === 'low') {
    notes.push(`label.horizon_days is a guess: ${horizon.because}`);
  }
  if (log.time.confidence === 'low') {
    notes.push(`event_time can be read in several ways: ${log.time.because}`);
  }
  if (log.userId.confidence === 'low') {
    notes.push(`no column is called a user: ${log.userId.value.of.join(', ')} is taken for one`);
  }
  if (log.where !== null && log.where.confidence !== 'high') {
    notes.push(`sources.events.where leaves days out: ${log.where.because}`);
  }
  if (users !== null && users.signup.confidence === 'low') {
    notes.push(`signup_date: ${users.signup.because}`);
  }
  if (endColumn !== null) {
    notes.push(
      `"${endColumn}" may be the better label: label: { kind: date, column: ${endColumn}, horizon_days: ${horizon.value} }`,
    );
  }
  notes.push(
    ...relativeDays(files),
    ...refunds(
      log.file,
      daily.columns.flatMap(({ aggregate }) => Object.values(aggregate.value)).map(String),
    ),
  );
  const facts = events.horizons.find((known) => known.days === horizon.value);
  if (
    facts !== undefined &&
    facts.userDays > 0 &&
    (facts.churned < 100 || facts.churned > 0.9 * facts.userDays)
  ) {
    notes.push(
      `about ${count(facts.churned)} of ${count(facts.userDays)} user-days at risk churn (${percent(facts.churned / facts.userDays)}): little to learn from`,
    );
  }
  return notes;
}

/** Days counted from something that the files do not name. */
function relativeDays(files: readonly FileFacts[]): string[] {
  return files.flatMap((file) =>
    file.columns
      .filter(
        ({ name, kind, filled }) =>
          kind === 'number' && filled > 0 && means(name, 'time') && means(name, 'end'),
      )
      .map(
        ({ name, min, max }) =>
          `"${name}" in ${file.files} may say when users ended, but holds ${min} to ${max}, which are no dates: with their first day, label kind \`date\` could use it`,
      ),
  );
}

function refunds(file: FileFacts, read: readonly string[]): string[] {
  const negative = file.columns.filter(({ name, negative }) => negative > 0 && read.includes(name));
  return negative.map(
    ({ name, negative }) =>
      `"${name}" is below 0 in ${count(negative)} rows: are these refunds? They count as activity; a \`where\` would leave them out`,
  );
}
