import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseYaml } from '../../../src/config/yaml.js';
import type { Proposal, Setting } from '../../../src/data/discovery/proposal.js';
import { writeConfig } from '../../../src/data/discovery/write.js';

const setting = (
  path: string[],
  value: unknown,
  because = 'so it is',
  confidence: Setting['confidence'] = 'high',
) => ({
  path,
  value,
  because,
  confidence,
  alternatives: [],
});

const proposal = (settings: Setting[], notes: string[] = []): Proposal => ({
  settings,
  files: [],
  left_out: [],
  notes,
});

describe('writeConfig', () => {
  it('writes maps once, with a reason for every line and titles for the parts', () => {
    const text = writeConfig(
      proposal(
        [
          setting(['sources', 'events', 'files'], 'data/raw/events.csv'),
          setting(['sources', 'events', 'columns', 'user_id'], 'Customer ID', 'its name says so'),
          setting(['label', 'horizon_days'], 30, 'a long reason '.repeat(12), 'low'),
        ],
        ['a thing to look at'],
      ),
    );
    assert.equal(text.match(/^sources:$/gm)?.length, 1);
    assert.match(text, /^ {6}user_id: "Customer ID" {2}# its name says so$/m);
    assert.match(text, /^ {2}# A guess: a long reason/m);
    assert.match(text, /^# {3}- a thing to look at$/m);
    assert.ok(text.split('\n').every((line) => line.length <= 118));
  });

  it('is read as it was meant, whatever names, values and reasons hold', () => {
    const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 12 });
    const value = fc.oneof(name, fc.integer(), fc.array(name, { maxLength: 3 }), fc.record({ sql: name }));
    fc.assert(
      fc.property(
        fc.dictionary(name, value, { minKeys: 1, maxKeys: 5 }),
        name,
        name,
        (columns, because, note) => {
          const settings = Object.entries(columns).map(([key, item]) =>
            setting(['sources', 'events', 'columns', key], item, because),
          );
          const { values } = parseYaml(writeConfig(proposal(settings, [note])), 'churn.yaml');
          assert.deepEqual(JSON.parse(JSON.stringify(values)), {
            sources: { events: { columns: JSON.parse(JSON.stringify(columns)) } },
          });
        },
      ),
      { seed: 9, numRuns: 300 },
    );
  });
});
