import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { GENERATED } from './generated.js';

for (const [path, make] of Object.entries(GENERATED)) {
  test(`${path} says what its source says`, () => {
    if (process.env.UPDATE_DOCS) {
      writeFileSync(path, make());
    }
    assert.equal(readFileSync(path, 'utf8'), make(), 'run UPDATE_DOCS=1 npm test -- deploy');
  });
}
