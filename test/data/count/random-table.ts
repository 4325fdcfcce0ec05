import type { ColumnSpec, Engine } from '../../../src/data/engine/engine.js';
import { type Random, random } from '../../../src/random.js';

export interface RandomTable {
  rows: number;
  numbers: Record<string, Float64Array>;
  texts: Record<string, (string | null)[]>;
  units: string[];
}

const WORDS = ['a', 'b', 'B', '', ' ', 'é', '日本', '😀', '😀😀', "it's", 'NULL', '(null)', '(unseen)', '10'];

/** Columns of every shape that profiles meet. NaN is null. */
export function randomTable(seed: number, rows: number): RandomTable {
  const chance = random(seed);
  const numbers = (value: () => number) => Float64Array.from({ length: rows }, value);
  const texts = (value: () => string | null) => Array.from({ length: rows }, value);
  const sometimes = (share: number, value: number, otherwise: () => number) =>
    chance.uniform() < share ? value : otherwise();
  return {
    rows,
    numbers: {
      smooth: numbers(() => chance.normal() * 100),
      'with nulls': numbers(() => sometimes(0.3, Number.NaN, () => chance.gamma(2))),
      zeros: numbers(() => sometimes(0.6, 0, () => chance.integer(1000) / 8)),
      'negative zero': numbers(() => sometimes(0.5, -0, () => chance.normal())),
      ties: numbers(() => chance.integer(40)),
      few: numbers(() => chance.integer(3) - 1),
      constant: numbers(() => 7),
      'all null': numbers(() => Number.NaN),
      infinite: numbers(() => infiniteOr(chance)),
      huge: numbers(() => chance.normal() * 1e300),
      offset: numbers(() => 1e9 + chance.integer(100)),
    },
    texts: {
      word: texts(() => (chance.uniform() < 0.1 ? null : WORDS[chance.integer(WORDS.length)])),
      many: texts(() => `category ${Math.floor(chance.uniform() ** 3 * 150)}`),
      nothing: texts(() => null),
    },
    units: texts(() => `user ${chance.integer(Math.max(1, rows >> 2))}`) as string[],
  };
}

function infiniteOr(chance: Random): number {
  const kind = chance.integer(10);
  return kind === 0 ? Number.POSITIVE_INFINITY : kind === 1 ? Number.NEGATIVE_INFINITY : chance.normal();
}

/** Loads a table as `name`, with the unit in the column `unit`. */
export async function loadTable(engine: Engine, name: string, table: RandomTable): Promise<void> {
  const specs: ColumnSpec[] = [
    ...Object.keys(table.numbers).map((column) => ({ name: column, type: 'DOUBLE' as const })),
    ...Object.keys(table.texts).map((column) => ({ name: column, type: 'VARCHAR' as const })),
    { name: 'unit', type: 'VARCHAR' },
  ];
  const columns = [...Object.values(table.numbers), ...Object.values(table.texts), table.units];
  await engine.load(name, specs, [{ rows: table.rows, columns }]);
}
