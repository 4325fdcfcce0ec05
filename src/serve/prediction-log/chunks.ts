import { ByteWriter, type SchemaElement } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import type { writeMetadata } from 'hyparquet-writer/src/metadata.js';
import type { Runs } from './runs.js';

export type RowGroup = Parameters<typeof writeMetadata>[1]['row_groups'][number];
export type ColumnChunk = RowGroup['columns'][number];

type Encodings = NonNullable<ColumnChunk['meta_data']>['encodings'];

/**
 * Column chunks of one page, not compressed. The library's own writer looks at each value by itself: here numbers are
 * copied as they lie in memory, and a value that rows share is written once. Its parts write what is not values.
 */
interface Page {
  rows: number;
  encoding: 'PLAIN' | 'RLE_DICTIONARY';
  nulls: number;
  levels: Uint8Array;
  data: Uint8Array;
}

/** A required column whose values stand in memory as in the file: little-endian numbers. */
export function writeNumbers(
  bytes: ByteWriter,
  element: SchemaElement,
  values: Float32Array | Float64Array,
): ColumnChunk {
  const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const start = bytes.offset;
  writePage(bytes, { rows: values.length, encoding: 'PLAIN', nulls: 0, levels: NOTHING, data });
  return chunkOf(bytes, element, {
    start,
    dictionary: null,
    data: start,
    rows: values.length,
    encodings: ['PLAIN'],
  });
}

/**
 * A column of runs: the different values once and which of them each row has, or one after another where they hardly repeat.
 * @param append writes a value as the format's plain encoding has it
 */
export function writeRuns<T>(
  bytes: ByteWriter,
  element: SchemaElement,
  { values, ends }: Runs<T | null>,
  append: (bytes: ByteWriter, value: T) => void,
): ColumnChunk {
  const rows = ends[ends.length - 1];
  const places = new Map<T, number>();
  const present = new Uint8Array(rows);
  const indexes = new Uint32Array(rows);
  let count = 0;
  let from = 0;
  for (let run = 0; run < values.length; run++) {
    const value = values[run];
    const end = ends[run];
    if (value !== null) {
      let place = places.get(value);
      if (place === undefined) {
        place = places.size;
        places.set(value, place);
      }
      present.fill(1, from, end);
      indexes.fill(place, count, count + end - from);
      count += end - from;
    }
    from = end;
  }
  const start = bytes.offset;
  const levels = new ByteWriter();
  if (element.repetition_type === 'OPTIONAL') {
    writeRleBitPackedHybrid(levels, present, 1);
  }
  const page = { rows, nulls: rows - count, levels: levels.getBytes() };
  const data = new ByteWriter();
  if (2 * places.size <= count && count > 0) {
    writeDictionary(bytes, places.keys(), places.size, append);
    const bits = Math.max(1, 32 - Math.clz32(places.size - 1));
    data.appendUint8(bits);
    writeRleBitPackedHybrid(data, indexes.subarray(0, count), bits);
    const at = bytes.offset;
    writePage(bytes, { ...page, encoding: 'RLE_DICTIONARY', data: data.getBytes() });
    return chunkOf(bytes, element, {
      start,
      dictionary: start,
      data: at,
      rows,
      encodings: ['PLAIN', 'RLE_DICTIONARY'],
    });
  }
  const distinct = [...places.keys()];
  for (let i = 0; i < count; i++) {
    append(data, distinct[indexes[i]]);
  }
  writePage(bytes, { ...page, encoding: 'PLAIN', data: data.getBytes() });
  return chunkOf(bytes, element, { start, dictionary: null, data: start, rows, encodings: ['PLAIN'] });
}

const NOTHING = new Uint8Array(0);

function writePage(bytes: ByteWriter, { rows, encoding, nulls, levels, data }: Page): void {
  const size = levels.length + data.length;
  writePageHeader(bytes, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: size,
    compressed_page_size: size,
    data_page_header_v2: {
      num_values: rows,
      num_nulls: nulls,
      num_rows: rows,
      encoding,
      definition_levels_byte_length: levels.length,
      repetition_levels_byte_length: 0,
      is_compressed: false,
    },
  });
  bytes.appendBytes(levels);
  bytes.appendBytes(data);
}

function writeDictionary<T>(
  bytes: ByteWriter,
  values: Iterable<T>,
  count: number,
  append: (bytes: ByteWriter, value: T) => void,
): void {
  const data = new ByteWriter();
  for (const value of values) {
    append(data, value);
  }
  writePageHeader(bytes, {
    type: 'DICTIONARY_PAGE',
    uncompressed_page_size: data.offset,
    compressed_page_size: data.offset,
    dictionary_page_header: { num_values: count, encoding: 'PLAIN' },
  });
  bytes.appendBytes(data.getBytes());
}

interface Written {
  /** Places in the file. */
  start: number;
  dictionary: number | null;
  data: number;
  rows: number;
  encodings: Encodings;
}

function chunkOf(
  bytes: ByteWriter,
  { name, type }: SchemaElement,
  { start, dictionary, data, rows, encodings }: Written,
): ColumnChunk {
  const size = BigInt(bytes.offset - start);
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: type as NonNullable<SchemaElement['type']>,
      encodings,
      path_in_schema: [name],
      codec: 'UNCOMPRESSED',
      num_values: BigInt(rows),
      total_uncompressed_size: size,
      total_compressed_size: size,
      data_page_offset: BigInt(data),
      ...(dictionary !== null && { dictionary_page_offset: BigInt(dictionary) }),
    },
  };
}
