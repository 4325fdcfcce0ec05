import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';
import { RULES } from '../../src/policy/rules/index.js';
import { parseScenario } from './scenario.js';
import { playScenario } from './scenario-play.js';

// The stories are not compiled: they lie beside the sources, three folders up from the compiled tests.
const FOLDER = join(import.meta.dirname, '..', '..', '..', 'test', 'scenarios');
const stories = readdirSync(FOLDER).filter((file) => file.endsWith('.txt'));
const read = (file: string) => parseScenario(readFileSync(join(FOLDER, file), 'utf8'));

for (const file of stories) {
  it(`the story ${file} ends as it says`, () => {
    assert.ok(playScenario(read(file)).length > 0, 'a story without an expectation');
  });
}

it('tells of every rule both that it speaks and that it is quiet', () => {
  const expected = stories
    .flatMap((file) => read(file).days)
    .flatMap(({ statements }) => statements)
    .flatMap((one) => (one.kind === 'expect-finding' ? [`${one.rule} ${one.says}`] : []));
  for (const { id, kind } of RULES) {
    assert.ok(expected.includes(`${id} quiet`), `no story has ${id} quiet`);
    const speaks = `${id} ${kind === 'veto' ? 'veto' : 'firing'}`;
    assert.ok(expected.includes(speaks), `no story has ${speaks}`);
  }
});
