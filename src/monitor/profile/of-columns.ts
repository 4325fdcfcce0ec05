import { ChurnError } from '../../error.js';
import { md5FirstByte } from '../../maths/md5.js';
import { categoricalBins, numericBins } from './bins.js';
import { profileOfValues, tableProfile, type UnitGroups } from './count.js';
import { refuseIdentifier } from './identifier.js';
import { withoutRareNames } from './privacy.js';
import { type Bins, type ColumnProfile, PROFILE_SCHEMA, type TableProfile, UNIT_GROUPS } from './profile.js';

/** A value of a column; null, undefined and NaN are nulls. */
export type Value = number | bigint | string | boolean | Date | null | undefined;

/** A table by its columns, all of one length: numbers, texts, booleans or dates. */
export type Columns = Readonly<Record<string, ArrayLike<Value>>>;

export interface ProfileOptions {
  /** Counts over the bins of this profile, to be compared with it. Without it the columns give bins of their own. */
  reference?: TableProfile;
  /** Column that names the user of a row, when users have several rows; it is not profiled. */
  unit?: string;
  window?: TableProfile['window'];
  /** Drops the names of categories with fewer rows. */
  leastRows?: number;
}

/**
 * The profile of a table: counts over bins, all that a comparison needs. Columns of texts that are mostly distinct
 * (identifiers) are left out, with the reason in `left_out`.
 *
 * @throws ChurnError data.invalid for columns of different lengths, data.column_missing for a column of the reference that is
 * not there, data.column_type for one that mixes kinds or is of another kind than in the reference
 */
export function profile(columns: Columns, options: ProfileOptions = {}): TableProfile {
  const { reference, unit, window = null, leastRows } = options;
  const rows = rowsOf(columns);
  const units = unit === undefined ? null : columnOf(columns, unit);
  const groups = units && Uint8Array.from({ length: rows }, (_, i) => groupOf(units[i]));
  const names =
    reference?.columns.map(({ name }) => name) ?? Object.keys(columns).filter((name) => name !== unit);
  const left_out: { name: string; reason: string }[] = [];
  const profiles = names.flatMap((name) => {
    const bins = reference?.columns.find((column) => column.name === name)?.bins ?? null;
    const found = columnProfile(name, columnOf(columns, name), bins, groups ?? undefined);
    if (typeof found === 'string') {
      left_out.push({ name, reason: found });
      return [];
    }
    return [found];
  });
  const distinct = units && new Set(Array.from(units, (value) => String(value))).size;
  const table: TableProfile = {
    ...tableProfile(profiles, distinct, window),
    schema: PROFILE_SCHEMA,
    rows,
    ...(left_out.length > 0 && { left_out }),
  };
  return leastRows === undefined ? table : withoutRareNames(table, leastRows);
}

/** As SQL counts it: the low six bits of the first byte of the MD5 of the text; 0 for null. */
function groupOf(unit: Value): number {
  return unit === null || unit === undefined ? 0 : md5FirstByte(String(unit)) % UNIT_GROUPS;
}

/** Or why there is none. */
function columnProfile(
  name: string,
  raw: ArrayLike<Value>,
  bins: Bins | null,
  groups: UnitGroups | undefined,
): ColumnProfile | string {
  const type = typeOf(name, raw, bins);
  if (type === 'number' || type === 'date') {
    const values = Float64Array.from(raw, numberOf);
    return { ...profileOfValues(name, bins ?? numericBins(values), values, groups), type };
  }
  const values = Array.from(raw, (value) => (isNull(value) ? null : String(value)));
  if (bins === null) {
    const filled = values.filter((value) => value !== null);
    const refused = refuseIdentifier(new Set(filled).size, filled.length);
    if (refused !== null) {
      return refused;
    }
  }
  const own = () =>
    categoricalBins(values.flatMap((value) => (value === null ? [] : [[value, 1] as [string, number]])));
  return { ...profileOfValues(name, bins ?? own(), values, groups), type };
}

/** The kind of the values, which all have to share; a column of nulls takes that of the reference. */
function typeOf(
  name: string,
  values: ArrayLike<Value>,
  bins: Bins | null,
): NonNullable<ColumnProfile['type']> {
  const kinds = new Set<NonNullable<ColumnProfile['type']>>();
  if (!ArrayBuffer.isView(values)) {
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (!isNull(value)) {
        kinds.add(value instanceof Date ? 'date' : (KINDS[typeof value] ?? 'text'));
      }
    }
  } else {
    kinds.add('number');
  }
  const [kind = bins?.kind === 'categorical' ? 'text' : 'number'] = kinds;
  const numeric = kind === 'number' || kind === 'date';
  if (kinds.size > 1 || (bins !== null && (bins.kind === 'numeric') !== numeric)) {
    throw new ChurnError('data.column_type', {
      expected: `values of one kind in ${name}${bins === null ? '' : `, ${bins.kind} as in the reference`}`,
      came: [...kinds].join(' and ') || 'none',
    });
  }
  return kind;
}

const KINDS: Record<string, NonNullable<ColumnProfile['type']>> = {
  number: 'number',
  bigint: 'number',
  boolean: 'boolean',
  string: 'text',
};

const isNull = (value: Value): value is null | undefined =>
  value === null || value === undefined || (typeof value === 'number' && Number.isNaN(value));

const MILLISECONDS_PER_DAY = 86_400_000;

/** Dates are numbers of days, as SQL counts them. */
function numberOf(value: Value): number {
  if (isNull(value)) {
    return Number.NaN;
  }
  return value instanceof Date ? Math.floor(value.getTime() / MILLISECONDS_PER_DAY) : Number(value);
}

function rowsOf(columns: Columns): number {
  const lengths = new Set(Object.values(columns).map((values) => values.length));
  if (lengths.size > 1) {
    throw new ChurnError('data.invalid', {
      expected: 'columns of one length',
      came: Object.entries(columns)
        .map(([name, values]) => `${name} with ${values.length}`)
        .join(', '),
    });
  }
  return [...lengths][0] ?? 0;
}

function columnOf(columns: Columns, name: string): ArrayLike<Value> {
  if (!Object.hasOwn(columns, name)) {
    throw new ChurnError('data.column_missing', {
      expected: `column ${name}`,
      came: Object.keys(columns).join(', ') || 'no columns',
    });
  }
  return columns[name];
}
