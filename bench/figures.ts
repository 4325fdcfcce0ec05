/**
 * Model quality with and without leakage, as docs/figures.md tells it: the demo's year and the described data, the
 * linear baseline and XGBoost. Prints the document's tables. Options: --only august|december|section-12, --json.
 */
import { join } from 'node:path';
import { generate } from '../src/jobs/generate.js';
import type { Day } from '../src/time.js';
import { inTemporaryFolder, sectionTwelveFiles } from './measuring/places.js';
import { progress, report } from './measuring/report.js';
import { describedFigures } from './quality/described.js';
import { type Base, type Figures, figuresOf, prepared } from './quality/measure.js';
import { partsTable, qualityTable } from './quality/tables.js';
import { DEMO, DESCRIBED, type Variant } from './quality/variants.js';

/** Own figures with the described ones under each variant. */
function merged(
  own: readonly Figures[],
  described: readonly Figures[],
  variants: readonly Variant[],
): Figures[] {
  return variants.flatMap(({ title }) => [...own, ...described].filter((row) => row.variant === title));
}

/** The demo's year as known on two dates, and the described data; each takes a minute or three. */
const PARTS = ['august', 'december', 'section-12'] as const;
const asked = process.argv.indexOf('--only');
const chosen = PARTS.filter((part) => asked < 0 || process.argv[asked + 1] === part);
if (chosen.length === 0) {
  throw new Error(`expected --only ${PARTS.join(' or ')}; got ${process.argv[asked + 1]}`);
}

async function demoYear(folder: string, at: Day): Promise<[string, Figures[]]> {
  const year: Base = { folder: join(folder, `year-${at}`) };
  progress('generating the year ...');
  await prepared(year, (project) =>
    generate(project, {
      start: '2025-01-01',
      days: 365,
      users: 2000,
      seed: 42,
      preset: 'default',
      drift: [],
    }),
  );
  return [`The demo's year, as known on ${at}`, await figuresOf(`demo year, ${at}`, DEMO, at, year)];
}

async function describedData(folder: string): Promise<[string, Figures[]]> {
  const sources = await sectionTwelveFiles(join(folder, 'source'));
  const base: Base = { folder: join(folder, 'section12'), sources };
  await prepared(base);
  const own = await figuresOf(sources.title, DESCRIBED, null, base);
  return [`Section 12: ${sources.title}`, merged(own, await describedFigures(sources.title), DESCRIBED)];
}

await inTemporaryFolder(async (folder) => {
  const parts: [string, Figures[]][] = [];
  for (const part of chosen) {
    parts.push(
      part === 'section-12'
        ? await describedData(folder)
        : await demoYear(folder, part === 'august' ? '2025-08-31' : '2025-12-31'),
    );
  }
  report(
    { benchmark: 'figures', figures: parts.flatMap(([, figures]) => figures) },
    parts
      .map(([title, figures]) => `### ${title}\n\n${qualityTable(figures)}\n\n${partsTable(figures)}`)
      .join('\n\n'),
  );
});
