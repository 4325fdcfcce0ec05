import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { consistencyProblems } from '../../src/config/consistency.js';
import { configSchema } from '../../src/config/schema.js';
import { parseYaml } from '../../src/config/yaml.js';

test('every configuration in docs/sources.md is one', () => {
  const blocks = [...readFileSync('docs/sources.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)];
  assert.ok(blocks.length >= 5);
  for (const [, text] of blocks) {
    const config = configSchema.parse(parseYaml(text, 'docs/sources.md').values);
    // Addresses come from the environment there.
    const problems = consistencyProblems(config).filter(({ path }) => !path.endsWith('postgres.url'));
    assert.deepEqual(problems, []);
  }
});
