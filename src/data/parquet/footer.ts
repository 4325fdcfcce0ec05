import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import {
  fieldOf,
  readThrift,
  THRIFT,
  type ThriftList,
  type ThriftStruct,
  withField,
  writeThrift,
} from './thrift.js';

/** Field numbers of Parquet's format (parquet.thrift), as far as they are touched here. */
const FILE = { schema: 2, rows: 3, rowGroups: 4, keyValues: 5 } as const;
const GROUP = { columns: 1, rows: 3, fileOffset: 5, ordinal: 7 } as const;
const CHUNK = { fileOffset: 2, column: 3, offsetIndex: [4, 5], columnIndex: [6, 7] } as const;
const COLUMN = {
  path: 3,
  size: 7,
  dataPage: 9,
  indexPage: 10,
  dictionaryPage: 11,
  statistics: 12,
  bloom: [14, 15],
} as const;
const STATISTICS = { max: 5, min: 6 } as const;
const KEY_VALUE = { key: 1, value: 2 } as const;

const MAGIC = Buffer.from('PAR1');
const TAIL_BYTES = 8;

/** A Parquet file's footer: the file's own struct, and what of it is needed often. */
export interface Footer {
  file: ThriftStruct;
  /** Bytes before the footer: where another one may be put in its place. */
  dataEnd: number;
  groups: RowGroup[];
  keyValues: Map<string, string>;
}

export interface RowGroup {
  struct: ThriftStruct;
  rows: number;
  /** The bytes of all its pages: [start, end). */
  start: number;
  end: number;
}

/** Reads the footer of a file. @throws RangeError when the file is no Parquet file, or one that is encrypted or cut off */
export async function readFooter(path: string): Promise<Footer> {
  const file = await open(path, 'r');
  try {
    return await footerOf(file);
  } finally {
    await file.close();
  }
}

async function footerOf(file: FileHandle): Promise<Footer> {
  const { size } = await file.stat();
  const tail = await bytesAt(file, size - TAIL_BYTES, TAIL_BYTES);
  const length = tail.readUInt32LE(0);
  const dataEnd = size - TAIL_BYTES - length;
  if (!tail.subarray(4).equals(MAGIC) || dataEnd < MAGIC.length) {
    throw new RangeError('this is no Parquet file');
  }
  return parse(readThrift(await bytesAt(file, dataEnd, length)), dataEnd);
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, Math.max(position, 0));
  if (position < 0 || bytesRead < length) {
    throw new RangeError('this is no Parquet file');
  }
  return buffer;
}

function parse(file: ThriftStruct, dataEnd: number): Footer {
  const groups = structs(fieldOf(file, FILE.rowGroups)).map((struct): RowGroup => {
    const columns = columnsOf(struct);
    const starts = columns.map((column) => Number(firstPage(column)));
    const ends = columns.map((column, i) => starts[i] + Number(fieldOf(column, COLUMN.size)));
    return {
      struct,
      rows: Number(fieldOf(struct, GROUP.rows)),
      start: Math.min(...starts),
      end: Math.max(...ends),
    };
  });
  if (groups.some(({ start, end }) => start < MAGIC.length || end > dataEnd)) {
    throw new RangeError('the footer names pages that the file does not have');
  }
  const keyValues = structs(fieldOf(file, FILE.keyValues)).map((pair): [string, string] => [
    text(fieldOf(pair, KEY_VALUE.key)),
    text(fieldOf(pair, KEY_VALUE.value)),
  ]);
  return { file, dataEnd, groups, keyValues: new Map(keyValues) };
}

const structs = (list: unknown): ThriftStruct[] =>
  list === undefined ? [] : ((list as ThriftList).values as ThriftStruct[]);

const text = (bytes: unknown): string =>
  Buffer.from((bytes as Uint8Array | undefined) ?? []).toString('utf8');

function columnsOf(group: ThriftStruct): ThriftStruct[] {
  return structs(fieldOf(group, GROUP.columns)).map((chunk) => {
    const column = fieldOf(chunk, CHUNK.column);
    if (column === undefined) {
      throw new RangeError('this Parquet file is encrypted');
    }
    return column as ThriftStruct;
  });
}

/** A chunk begins with its dictionary, when it has one. */
function firstPage(column: ThriftStruct): bigint {
  const pages = [COLUMN.dataPage, COLUMN.indexPage, COLUMN.dictionaryPage]
    .map((id) => fieldOf(column, id) as bigint | undefined)
    .filter((offset) => offset !== undefined && offset > 0n) as bigint[];
  return pages.reduce((first, offset) => (offset < first ? offset : first));
}

/** Least and greatest value of a column of 32-bit whole numbers (a DATE) in a group; null when the footer does not say. */
export function integerRange(group: RowGroup, name: string): { min: number; max: number } | null {
  const column = columnsOf(group.struct).find(
    (each) => (fieldOf(each, COLUMN.path) as ThriftList).values.map(text).join('.') === name,
  );
  const statistics = column && (fieldOf(column, COLUMN.statistics) as ThriftStruct | undefined);
  const [min, max] = [STATISTICS.min, STATISTICS.max].map((id) => {
    const bytes = statistics && (fieldOf(statistics, id) as Uint8Array | undefined);
    return bytes?.length === 4 ? Buffer.from(bytes).readInt32LE(0) : null;
  });
  return min === null || max === null ? null : { min, max };
}

/** Whether both files have the same columns with the same types. */
export function sameSchema(a: Footer, b: Footer): boolean {
  const [ours, theirs] = [a, b].map(({ file }) => writeThrift(file.filter(({ id }) => id === FILE.schema)));
  return Buffer.from(ours).equals(theirs);
}

/**
 * A group whose pages lie `shift` bytes further on. What lies outside of its pages (indexes of pages, Bloom filters) is left
 * behind, and so is the number that it had in its file.
 */
export function shifted(group: RowGroup, shift: number): RowGroup {
  const by = BigInt(shift);
  const move = (struct: ThriftStruct, ids: readonly number[]): ThriftStruct =>
    struct.map((field) =>
      ids.includes(field.id) && (field.value as bigint) > 0n
        ? { ...field, value: (field.value as bigint) + by }
        : field,
    );
  const without = (struct: ThriftStruct, ids: readonly number[]): ThriftStruct =>
    struct.filter(({ id }) => !ids.includes(id));
  const chunks = structs(fieldOf(group.struct, GROUP.columns)).map((chunk) => {
    const kept = without(move(chunk, [CHUNK.fileOffset]), [...CHUNK.offsetIndex, ...CHUNK.columnIndex]);
    const column = move(fieldOf(chunk, CHUNK.column) as ThriftStruct, [
      COLUMN.dataPage,
      COLUMN.indexPage,
      COLUMN.dictionaryPage,
    ]);
    return withField(kept, CHUNK.column, { type: THRIFT.struct, value: without(column, COLUMN.bloom) });
  });
  const struct = withField(without(move(group.struct, [GROUP.fileOffset]), [GROUP.ordinal]), GROUP.columns, {
    type: THRIFT.list,
    value: { elementType: THRIFT.struct, values: chunks },
  });
  return { struct, rows: group.rows, start: group.start + shift, end: group.end + shift };
}

/** The bytes at a file's end: a footer of these groups with these key-values; all else as in `like`. */
export function footerBytes(
  like: Footer,
  groups: readonly RowGroup[],
  keyValues: ReadonlyMap<string, string>,
): Buffer {
  const pairs = [...keyValues].map(([key, value]) => [
    { id: KEY_VALUE.key, type: THRIFT.binary, value: Buffer.from(key) },
    { id: KEY_VALUE.value, type: THRIFT.binary, value: Buffer.from(value) },
  ]);
  const list = (values: ThriftStruct[]) => ({
    type: THRIFT.list,
    value: { elementType: THRIFT.struct, values },
  });
  const rows = groups.reduce((sum, group) => sum + group.rows, 0);
  let file = withField(like.file, FILE.rows, { type: THRIFT.i64, value: BigInt(rows) });
  file = withField(file, FILE.rowGroups, list(groups.map(({ struct }) => struct)));
  file = withField(file, FILE.keyValues, pairs.length === 0 ? undefined : list(pairs));
  const bytes = Buffer.from(writeThrift(file));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([bytes, length, MAGIC]);
}
