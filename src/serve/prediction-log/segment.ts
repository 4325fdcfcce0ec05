import { ByteWriter, type SchemaElement } from 'hyparquet-writer';
import { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Encoding } from '../../model/encode.js';
import { dayNumber, isDay } from '../../time.js';
import { type ColumnChunk, type RowGroup, writeNumbers, writeRuns } from './chunks.js';
import { FIXED_COLUMNS, segmentColumns, UNSEEN } from './columns.js';
import type { Block, Rows } from './rows.js';
import { extend, mapped, newRuns, type Runs } from './runs.js';

/** What a Parquet file begins and ends with: PAR1. */
const MAGIC = 0x31524150;

/** Memory that one segment after the other is made in. */
export interface Scratch {
  bytes: ByteWriter;
  columns: Float32Array;
}

export function newScratch(): Scratch {
  return { bytes: new ByteWriter(), columns: new Float32Array(0) };
}

/**
 * The pieces of a segment file, in order, one for each group of rows and one for the footer. Each takes a millisecond or two
 * to make, so that there is room between them, and must be written before the next one is asked for: they share their memory.
 * Not compressed: the compaction does that.
 */
export function* segmentPieces(rows: Rows, scratch: Scratch = newScratch()): Generator<Uint8Array> {
  const columns = segmentColumns(rows.encoding);
  const { bytes } = scratch;
  bytes.offset = 0;
  bytes.index = 0;
  bytes.appendUint32(MAGIC);
  const groups: RowGroup[] = [];
  for (const block of rows.blocks) {
    groups.push(writeGroup(scratch, block, rows.encoding, columns));
    yield taken(bytes);
  }
  writeMetadata(bytes, {
    version: 2,
    created_by: 'churn-mlops',
    schema: [{ name: 'root', num_children: columns.length }, ...columns],
    num_rows: BigInt(rows.count),
    row_groups: groups,
    metadata_length: 0,
  });
  bytes.appendUint32(MAGIC);
  yield taken(bytes);
}

/** What was written since the last time. */
function taken(bytes: ByteWriter): Uint8Array {
  const piece = bytes.getBytes();
  bytes.index = 0;
  return piece;
}

function writeGroup(
  scratch: Scratch,
  block: Block,
  encoding: Encoding,
  columns: readonly SchemaElement[],
): RowGroup {
  const { bytes } = scratch;
  const start = bytes.offset;
  const [time, requestId, userId, snapshotDate, version, arm, risk] = FIXED_COLUMNS;
  const chunks: ColumnChunk[] = [
    writeRuns(bytes, time, block.times, appendTime),
    writeRuns(bytes, requestId, block.requestIds, appendText),
    writeRuns(bytes, userId, mapped(block.userIds, textOf), appendText),
    writeRuns(bytes, snapshotDate, mapped(block.snapshotDates, dayOf), appendDay),
    writeRuns(bytes, version, block.versions, appendText),
    writeRuns(bytes, arm, block.arms, appendText),
    writeNumbers(bytes, risk, block.probabilities.subarray(0, block.rows)),
    ...featureChunks(scratch, block, encoding, columns.slice(FIXED_COLUMNS.length)),
  ];
  const size = BigInt(bytes.offset - start);
  return {
    columns: chunks,
    total_byte_size: size,
    total_compressed_size: size,
    num_rows: BigInt(block.rows),
  };
}

function featureChunks(
  scratch: Scratch,
  { values, rows }: Block,
  { features, starts, columns: { length: width } }: Encoding,
  elements: readonly SchemaElement[],
): ColumnChunk[] {
  const { bytes } = scratch;
  if (scratch.columns.length < rows * width) {
    scratch.columns = new Float32Array(rows * width);
  }
  const columns = transposed(values, rows, width, scratch.columns);
  return features.map((feature, i) => {
    const start = starts[i];
    if (feature.type === 'number') {
      return writeNumbers(bytes, elements[i], columns[start]);
    }
    const own = columns.slice(start, starts[i + 1]);
    return writeRuns(bytes, elements[i], categoryRuns(own, feature.categories, rows), appendText);
  });
}

/** So many rows stay in the processor's nearest cache while their columns are read. */
const TILE_ROWS = 128;

/** The columns of a matrix, in the memory of `into`; NaN stays NaN. */
function transposed(values: Float32Array, rows: number, width: number, into: Float32Array): Float32Array[] {
  const columns = Array.from({ length: width }, (_, i) => into.subarray(i * rows, (i + 1) * rows));
  for (let from = 0; from < rows; from += TILE_ROWS) {
    const to = Math.min(from + TILE_ROWS, rows);
    for (let start = 0; start < width; start++) {
      const column = columns[start];
      for (let row = from, at = from * width + start; row < to; row++, at += width) {
        column[row] = values[at];
      }
    }
  }
  return columns;
}

/** A null is NaN in every column; a feature without any category knows only unseen ones. */
function categoryRuns(
  columns: readonly Float32Array[],
  categories: readonly string[],
  rows: number,
): Runs<string | null> {
  const runs = newRuns<string | null>();
  for (let row = 0; row < rows; row++) {
    let place = 0;
    while (place < columns.length && columns[place][row] === 0) {
      place++;
    }
    const isNull = place < columns.length && columns[place][row] !== 1;
    extend(runs, isNull ? null : place < columns.length ? categories[place] : UNSEEN, row + 1);
  }
  return runs;
}

/** Microseconds since 1970. */
function appendTime(bytes: ByteWriter, time: number): void {
  bytes.appendInt64(BigInt(Math.round(time * 1000)));
}

function appendDay(bytes: ByteWriter, day: number): void {
  bytes.appendInt32(day);
}

/** As UTF-8; half of a surrogate pair becomes the replacement character. */
function appendText(bytes: ByteWriter, text: string): void {
  const encoded = Buffer.from(text);
  bytes.appendUint32(encoded.length);
  bytes.appendBytes(encoded);
}

function textOf(value: string | number | null): string | null {
  return value === null ? null : String(value);
}

/** A day in ISO form as a number; what is none is null. */
function dayOf(day: string | null): number | null {
  return day !== null && isDay(day) ? dayNumber(day) : null;
}
