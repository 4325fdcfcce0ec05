import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { commandProblem } from './command-line.js';

/** Pages for people who run it, whose commands must be there when they are needed. */
const PAGES = [
  'README.md',
  'docs/runbook.md',
  'docs/troubleshooting.md',
  'docs/kubernetes.md',
  'docs/schedule.md',
  'docs/init.md',
  'compose.yaml',
];

/** Command lines in code blocks and in `code`, without comments. */
function commandLines(text: string): string[][] {
  const lines = text
    .split('\n')
    .flatMap((line) => [line, ...[...line.matchAll(/`([^`]+)`/g)].map(([, code]) => code)]);
  return lines.flatMap((line) => {
    const [, call] =
      /^(?:# +)?(?:npx )?churn-mlops ([a-z].*?)(?: {2,}.*| #.*| &&.*)?$/.exec(line.trim()) ?? [];
    return call === undefined ? [] : [call.split(' ')];
  });
}

test('every command that a page shows is one of ours, with flags that it has', () => {
  for (const page of PAGES) {
    const found = commandLines(readFileSync(page, 'utf8'));
    assert.ok(found.length > 0, page);
    for (const args of found) {
      assert.equal(commandProblem(args), null, `${page}: ${args.join(' ')}`);
    }
  }
});

test('commands are found in the ways that pages write them', () => {
  assert.deepEqual(
    commandLines(
      'npx churn-mlops drift --refresh   # comment\nsay `churn-mlops models` and\nno churn-mlops x',
    ),
    [['drift', '--refresh'], ['models']],
  );
});
