import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { outsideCounts } from './counts.js';
import { commandsOf, whole } from './example.js';

const FOLDERS = readdirSync('examples', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

const page = (name: string) => readFileSync(join('examples', name, 'README.md'), 'utf8');

describe('pages of the examples', () => {
  it('are listed, and each has commands to run', () => {
    const list = readFileSync(join('examples', 'README.md'), 'utf8');
    for (const name of FOLDERS) {
      assert.match(list, RegExp(`\\[${name}\\]\\(${name}\\)`));
      assert.ok(commandsOf(page(name)).length > 1, name);
    }
  });

  it('have no empty table', () => {
    for (const name of FOLDERS) {
      assert.doesNotMatch(
        page(name),
        /-->\n<!-- end -->/,
        `${name}: UPDATE_DOCS=1 npm run test:slow -- examples`,
      );
    }
  });

  for (const [name, facts] of Object.entries(outsideCounts().facts)) {
    it(`${name} tells what pandas counts in the raw files`, () => {
      const text = `${page(name)}\n${readFileSync(join('examples', 'README.md'), 'utf8')}`;
      for (const [fact, value] of Object.entries(facts)) {
        assert.match(text, RegExp(`(?<![\\d,.])${whole(value)}(?![\\d,]*\\d)`), `${fact}: ${whole(value)}`);
      }
    });
  }
});
