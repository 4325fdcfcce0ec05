import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { REFERENCE_PAGES } from './pages.js';

const FOLDER = 'docs/reference';

for (const [name, make] of Object.entries(REFERENCE_PAGES)) {
  test(`${FOLDER}/${name} says what the code says`, async () => {
    const path = join(FOLDER, name);
    if (process.env.UPDATE_DOCS) {
      writeFileSync(path, await make());
    }
    assert.equal(readFileSync(path, 'utf8'), await make(), `run UPDATE_DOCS=1 npm test -- docs`);
  });
}

test('every reference page has a maker', () => {
  assert.deepEqual(readdirSync(FOLDER).sort(), Object.keys(REFERENCE_PAGES).sort());
});
