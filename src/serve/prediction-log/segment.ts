import { ByteWriter, type ColumnSource, ParquetWriter } from 'hyparquet-writer';
import type { Encoding } from '../../model/encode.js';
import { dayNumber, isDay } from '../../time.js';
import { segmentColumns, UNSEEN } from './columns.js';
import type { Block, Rows } from './rows.js';

/**
 * The pieces of a segment file, in order, one for each group of rows and one for the footer. Each takes a millisecond or two
 * to make, so that there is room between them. Not compressed: the compaction does that.
 */
export function* segmentPieces(rows: Rows): Generator<Uint8Array> {
  const columns = segmentColumns(rows.encoding);
  const bytes = new ByteWriter();
  const schema = [{ name: 'root', num_children: columns.length }, ...columns];
  const parquet = new ParquetWriter({ writer: bytes, schema, codec: 'UNCOMPRESSED', statistics: false });
  const categories = categoryTexts(rows.encoding);
  for (const block of rows.blocks) {
    const data = columnsOf(block, rows.encoding, categories);
    const columnData = data.map(
      (values, i): ColumnSource => ({ name: columns[i].name, data: values, encoding: 'PLAIN' }),
    );
    parquet.write({ columnData, rowGroupSize: block.rows, pageSize: 0 });
    yield taken(bytes);
  }
  parquet.finish();
  yield taken(bytes);
}

/** What was written since the last time. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes().slice();
  bytes.index = 0;
  return piece;
}

/** The values of each category feature as they stand in the file, the unseen one last; null for a number. */
function categoryTexts({ features }: Encoding): (Buffer[] | null)[] {
  return features.map((feature) =>
    feature.type === 'number' ? null : [...feature.categories, UNSEEN].map((name) => Buffer.from(name)),
  );
}

function columnsOf(
  block: Block,
  encoding: Encoding,
  categories: (Buffer[] | null)[],
): ColumnSource['data'][] {
  const { rows } = block;
  const width = encoding.columns.length;
  return [
    Array.from(block.times.subarray(0, rows), (time) => BigInt(Math.round(time * 1000))),
    texts(block.requestIds),
    texts(block.userIds),
    days(block.snapshotDates),
    texts(block.versions),
    texts(block.arms),
    block.probabilities.subarray(0, rows),
    ...encoding.starts.slice(0, -1).map((start, feature) => {
      const names = categories[feature];
      return names === null
        ? numbers(block.values, rows, start, width)
        : Array.from({ length: rows }, (_, row) => categoryOf(names, block.values, row * width + start));
    }),
  ];
}

/** A column of a matrix; NaN stays NaN. */
function numbers(values: Float32Array, rows: number, start: number, width: number): Float32Array {
  const column = new Float32Array(rows);
  for (let row = 0, at = start; row < rows; row++, at += width) {
    column[row] = values[at];
  }
  return column;
}

/** A null is NaN in every column; a feature without any category knows only unseen ones. */
function categoryOf(names: readonly Buffer[], values: Float32Array, at: number): Buffer | null {
  const unseen = names.length - 1;
  let place = 0;
  while (place < unseen && values[at + place] === 0) {
    place++;
  }
  return place === unseen || values[at + place] === 1 ? names[place] : null;
}

/** Texts as UTF-8; half of a surrogate pair becomes the replacement character. The rows of a batch share most of theirs. */
function texts(values: readonly (string | number | null)[]): (Buffer | null)[] {
  let [last, bytes]: [string | number | null, Buffer | null] = [null, null];
  return values.map((value) => {
    if (value !== last) {
      last = value;
      bytes = value === null ? null : Buffer.from(String(value));
    }
    return bytes;
  });
}

/** Days in ISO form; what is none is null. */
function days(values: readonly (string | null)[]): (number | null)[] {
  let [last, number]: [string | null, number | null] = [null, null];
  return values.map((day) => {
    if (day !== last) {
      last = day;
      number = day !== null && isDay(day) ? dayNumber(day) : null;
    }
    return number;
  });
}
