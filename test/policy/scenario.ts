import type { DriftStatus } from '../../src/monitor/drift/report.js';
import type { Interval, MeasureId } from '../../src/monitor/performance/report.js';
import type { Says } from '../../src/policy/rule.js';
import { type Day, isDay } from '../../src/time.js';

/** A policy's story, as it stands in test/scenarios/*.txt (see the README there). */
export interface Scenario {
  /** Path of a setting and its value, as written. */
  settings: { path: string; value: number | boolean | string }[];
  days: { day: Day; statements: Statement[] }[];
}

export type Statement =
  | {
      kind: 'champion';
      version: string;
      trained: Day;
      from: Day;
      to: Day;
      measures: Measured[];
      positiveRate: number | null;
    }
  | { kind: 'no-champion' }
  | { kind: 'drift'; version: string; status: DriftStatus; rows: number; features: DriftedFeature[] }
  | { kind: 'evaluation'; version: string; measures: Measured[]; positiveRate: number | null }
  | { kind: 'labelled'; until: Day }
  | { kind: 'retrain'; verdict: string }
  | { kind: 'expect'; decision: 'wait' | 'retrain' }
  | { kind: 'expect-finding'; rule: string; says: Says; since: Day | null };

export interface Measured {
  measure: MeasureId;
  value: number;
  interval: Interval | null;
}

export interface DriftedFeature {
  name: string;
  psi: number;
  /** Share of nulls now; null: none, and they did not cause the drift. */
  nulls: number | null;
  /** The p-value does not confirm the PSI. */
  noise: boolean;
}

const MEASURES: MeasureId[] = ['pr_auc', 'roc_auc', 'log_loss', 'brier'];
const STATUSES: DriftStatus[] = ['OK', 'WARN', 'FAIL', 'INSUFFICIENT'];
const SAYS: Says[] = ['quiet', 'pending', 'firing', 'veto'];
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/;

/** @throws Error with the line number. */
export function parseScenario(text: string): Scenario {
  const scenario: Scenario = { settings: [], days: [] };
  text.split('\n').forEach((line, index) => {
    const words = new Words(line.replace(/#.*/, ''), index + 1);
    if (!words.more()) {
      return;
    }
    parseLine(words, scenario);
    words.end();
  });
  return scenario;
}

function parseLine(words: Words, scenario: Scenario): void {
  const first = words.next('a day, "policy" or a statement');
  const today = scenario.days.at(-1);
  if (first === 'policy') {
    scenario.settings.push({ path: words.next('a setting'), value: parseValue(words.next('a value')) });
  } else if (isDay(first)) {
    if (today && first <= today.day) {
      words.fail(`a day after ${today.day}`, first);
    }
    scenario.days.push({ day: first, statements: [] });
  } else if (today) {
    today.statements.push(parseStatement(first, words));
  } else {
    words.fail('a day before the first statement', first);
  }
}

function parseStatement(first: string, words: Words): Statement {
  switch (first) {
    case 'champion':
      return parseChampion(words);
    case 'no':
      words.keyword('champion');
      return { kind: 'no-champion' };
    case 'drift':
      return parseDrift(words);
    case 'evaluation':
      return { kind: 'evaluation', version: words.next('a version'), ...parseMeasures(words) };
    case 'labelled':
      return { kind: 'labelled', until: words.day() };
    case 'retrain':
      return { kind: 'retrain', verdict: words.next('a verdict') };
    case 'expect':
      return parseExpectation(words);
    default:
      return words.fail('champion, no champion, drift, evaluation, labelled, retrain or expect', first);
  }
}

function parseChampion(words: Words): Statement {
  const version = words.next('a version');
  words.keyword('trained');
  const trained = words.day();
  words.keyword('data');
  const [from, to, ...rest] = words.next('a window').split('..');
  if (!isDay(from) || !isDay(to ?? '') || rest.length > 0) {
    words.fail('a window as DAY..DAY', from);
  }
  return { kind: 'champion', version, trained, from, to, ...parseMeasures(words) };
}

function parseMeasures(words: Words): { measures: Measured[]; positiveRate: number | null } {
  const measures: Measured[] = [];
  let positiveRate: number | null = null;
  while (words.more()) {
    if (words.takes('positive_rate')) {
      positiveRate = words.number();
      continue;
    }
    const measure = words.oneOf(MEASURES);
    const value = words.number();
    const ends = words.peek()?.split('..') ?? [];
    const isInterval = ends.length === 2 && ends.every((end) => NUMBER.test(end));
    measures.push({ measure, value, interval: isInterval ? words.interval() : null });
  }
  return { measures, positiveRate };
}

function parseDrift(words: Words): Statement {
  const version = words.next('a version');
  const status = words.oneOf(STATUSES);
  const rows = words.takes('rows') ? words.number() : 1000;
  const features: DriftedFeature[] = [];
  while (words.more()) {
    const name = words.next('a feature');
    const psi = words.number();
    const nulls = words.takes('nulls') ? words.number() : null;
    features.push({ name, psi, nulls, noise: words.takes('noise') });
  }
  return { kind: 'drift', version, status, rows, features };
}

function parseExpectation(words: Words): Statement {
  const what = words.next('wait, retrain or a rule');
  if (what === 'wait' || what === 'retrain') {
    return { kind: 'expect', decision: what };
  }
  const says = words.oneOf(SAYS);
  return { kind: 'expect-finding', rule: what, says, since: words.takes('since') ? words.day() : null };
}

function parseValue(word: string): number | boolean | string {
  return NUMBER.test(word) ? Number(word) : word === 'true' || word === 'false' ? word === 'true' : word;
}

/** The words of one line, taken from left to right. */
class Words {
  readonly #words: string[];
  readonly #line: number;

  constructor(text: string, line: number) {
    this.#words = text.trim().split(/\s+/).filter(Boolean);
    this.#line = line;
  }

  fail(expected: string, came: string | undefined): never {
    throw new Error(`line ${this.#line}: expected ${expected}; got ${came === undefined ? 'the end' : came}`);
  }

  more(): boolean {
    return this.#words.length > 0;
  }

  peek(): string | undefined {
    return this.#words[0];
  }

  next(expected: string): string {
    return this.#words.shift() ?? this.fail(expected, undefined);
  }

  takes(keyword: string): boolean {
    return this.#words[0] === keyword && this.#words.shift() !== undefined;
  }

  keyword(keyword: string): void {
    if (!this.takes(keyword)) {
      this.fail(`"${keyword}"`, this.#words[0]);
    }
  }

  oneOf<T extends string>(choices: readonly T[]): T {
    const word = this.next(choices.join(', '));
    return choices.find((choice) => choice === word) ?? this.fail(choices.join(', '), word);
  }

  number(): number {
    const word = this.next('a number');
    return NUMBER.test(word) ? Number(word) : this.fail('a number', word);
  }

  interval(): Interval {
    const [low, high] = this.next('an interval').split('..').map(Number);
    return [low, high];
  }

  day(): Day {
    const word = this.next('a day');
    return isDay(word) ? word : this.fail('a day', word);
  }

  end(): void {
    if (this.more()) {
      this.fail('the end of the line', this.#words[0]);
    }
  }
}
