import { HttpProblem } from '../problem.js';
import { refuse } from './check.js';
import type { SentTensor } from './oip-tensor.js';
import { parsePythonJson } from './python-json.js';

/** The JSON of an inference request, checked but for the data of its tensors, and the bytes after it. */
export interface InferBody {
  id: string | null;
  parameters: Record<string, unknown>;
  inputs: SentTensor[];
  outputs: { name: string; binary: boolean }[];
  raw: Buffer;
}

/**
 * @param headerLength of the header Inference-Header-Content-Length: how many bytes of the body are JSON
 * @throws HttpProblem or InvalidRows (400) naming what is wrong
 */
export function inferBodyOf(body: Buffer, headerLength: string | undefined): InferBody {
  const length = headerLength === undefined ? body.length : jsonLength(headerLength, body.length);
  const sent = objectOf(parsePythonJson(body.subarray(0, length)), 'the body');
  const { id, inputs, outputs } = sent;
  if (id != null && typeof id !== 'string') {
    refuse('id', 'a text', id);
  }
  return {
    id: id ?? null,
    parameters: objectOf(sent.parameters ?? {}, 'parameters'),
    inputs: listOf(inputs, 'inputs').map(inputOf),
    outputs: listOf(outputs ?? [], 'outputs').map(outputOf),
    raw: body.subarray(length),
  };
}

function jsonLength(text: string, most: number): number {
  if (!/^\d{1,15}$/.test(text) || Number(text) > most) {
    throw new HttpProblem(
      'http.invalid',
      `expected at most ${most}, the bytes of the body, in Inference-Header-Content-Length; got ${text.slice(0, 40)}`,
    );
  }
  return Number(text);
}

function inputOf(value: unknown, index: number): SentTensor {
  const place = `inputs[${index}]`;
  const { name, shape, datatype, data, parameters } = objectOf(value, place);
  const sizes = listOf(shape, `${place}.shape`);
  if (sizes.length === 0 || !sizes.every((size) => Number.isSafeInteger(size) && (size as number) >= 0)) {
    refuse(`${place}.shape`, 'whole numbers from 0 on', shape);
  }
  return {
    name: textOf(name, `${place}.name`),
    shape: sizes as number[],
    datatype: textOf(datatype, `${place}.datatype`),
    data,
    parameters: objectOf(parameters ?? {}, `${place}.parameters`),
  };
}

function outputOf(value: unknown, index: number): { name: string; binary: boolean } {
  const place = `outputs[${index}]`;
  const { name, parameters } = objectOf(value, place);
  const { binary_data } = objectOf(parameters ?? {}, `${place}.parameters`);
  return { name: textOf(name, `${place}.name`), binary: binary_data === true };
}

export function objectOf(value: unknown, field: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    refuse(field, 'an object', value);
  }
  return value as Record<string, unknown>;
}

export function listOf(value: unknown, field: string): unknown[] {
  if (!Array.isArray(value)) {
    refuse(field, 'a list', value);
  }
  return value;
}

function textOf(value: unknown, field: string): string {
  if (typeof value !== 'string') {
    refuse(field, 'a text', value);
  }
  return value;
}
