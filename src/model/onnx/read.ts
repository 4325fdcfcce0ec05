import { ChurnError, messageOf } from '../../error.js';
import type { Calibration } from '../calibrate.js';
import { type Encoding, encodingOf, type FeatureSpec } from '../encode.js';
import type { LinearForm } from '../linear-form.js';
import type { ModelForm } from '../trainer/trainer.js';
import { widthOf } from '../tree/form.js';
import { FORMAT, INPUT, KEYS, PRODUCER, type PublishedModel } from './model.js';
import { decodeModel, type ModelProto } from './proto.js';
import { readTrees } from './read-trees.js';

type Graph = NonNullable<ModelProto['graph']>;

const TREE_OPERATORS = ['TreeEnsembleRegressor', 'Mul', 'Add', 'Sigmoid'];
const LINEAR_OPERATORS = ['Cast', 'IsNaN', 'Sub', 'Where', 'MatMul', 'Add', 'Cast', 'Mul', 'Add', 'Sigmoid'];

/**
 * Reads a model that `writeModel` wrote, so that scoring and explaining start from the published file itself.
 * @throws input.unreadable when the bytes are no ONNX model or a part of one; model.mismatch when another program or a
 * newer churn-mlops wrote it.
 */
export function readModel(bytes: Uint8Array): PublishedModel {
  let model: ModelProto;
  try {
    model = decodeModel(bytes);
  } catch (error) {
    throw unreadable(messageOf(error), error);
  }
  const graph = model.graph;
  if (!graph) {
    throw unreadable('bytes without a graph');
  }
  const entries = Object.fromEntries(model.metadata_props.map(({ key, value }) => [key, value]));
  if (model.producer_name !== PRODUCER) {
    throw foreign(`one written by "${model.producer_name || 'an unnamed program'}"`);
  }
  if (entries[KEYS.format] !== FORMAT) {
    throw foreign(`format ${entries[KEYS.format] ?? 'unknown'}`);
  }
  const form = formOf(graph);
  const encoding = encodingIn(entries, graph, form);
  return { form, calibration: calibrationIn(entries, graph), encoding, metadata: othersOf(entries) };
}

function formOf(graph: Graph): ModelForm {
  const operators = graph.node.map((node) => node.op_type).join(' ');
  if (operators === TREE_OPERATORS.join(' ')) {
    return { kind: 'trees', forest: readTrees(graph.node[0], columnsOf(graph)) };
  }
  if (operators === LINEAR_OPERATORS.join(' ')) {
    return { kind: 'linear', linear: readLinear(graph) };
  }
  throw foreign(`a graph of ${operators || 'no operators'}`);
}

function columnsOf(graph: Graph): number {
  const input = graph.input.find(({ name }) => name === INPUT);
  const columns = input?.type?.tensor_type?.shape?.dim[1]?.dim_value;
  if (!columns) {
    throw unreadable(`no input "${INPUT}" of a known width`);
  }
  return columns;
}

function readLinear(graph: Graph): LinearForm {
  const columns = columnsOf(graph);
  return {
    bias: constant(graph, 'bias', 1)[0],
    weights: Float64Array.from(constant(graph, 'weights', columns)),
    centres: Float64Array.from(constant(graph, 'centres', columns)),
  };
}

function constant(graph: Graph, name: string, length: number): ArrayLike<number> {
  const tensor = graph.initializer.find((candidate) => candidate.name === name);
  const values = tensor?.double_data?.length ? tensor.double_data : tensor?.float_data;
  if (values?.length !== length) {
    throw unreadable(`${values?.length ?? 'no'} values for "${name}", not ${length}`);
  }
  return values;
}

function calibrationIn(entries: Record<string, string>, graph: Graph): Calibration {
  const { method, reason } = json<Partial<Calibration>>(entries, KEYS.calibration) ?? {};
  if ((method !== 'none' && method !== 'platt') || typeof reason !== 'string') {
    throw unreadable(`no calibration in the entry ${KEYS.calibration}`);
  }
  return {
    method,
    slope: constant(graph, 'calibration_slope', 1)[0],
    intercept: constant(graph, 'calibration_intercept', 1)[0],
    reason,
  };
}

function encodingIn(entries: Record<string, string>, graph: Graph, form: ModelForm): Encoding {
  const features = json<unknown>(entries, KEYS.features);
  if (!Array.isArray(features) || !features.every(isFeature)) {
    throw unreadable(`no list of features in the entry ${KEYS.features}`);
  }
  const encoding = encodingOf(features);
  if (encoding.columns.length !== columnsOf(graph) || encoding.columns.length !== widthOf(form)) {
    throw unreadable(`features of ${encoding.columns.length} columns for a graph of ${columnsOf(graph)}`);
  }
  return encoding;
}

function isFeature(value: unknown): value is FeatureSpec {
  const { name, type, categories } = (value ?? {}) as Record<string, unknown>;
  const texts = Array.isArray(categories) && categories.every((category) => typeof category === 'string');
  return typeof name === 'string' && (type === 'number' || (type === 'category' && texts));
}

function othersOf(entries: Record<string, string>): Record<string, string> {
  const ours: readonly string[] = Object.values(KEYS);
  return Object.fromEntries(Object.entries(entries).filter(([key]) => !ours.includes(key)));
}

function json<T>(entries: Record<string, string>, key: string): T {
  try {
    return JSON.parse(entries[key]) as T;
  } catch (error) {
    throw unreadable(`no JSON in the entry ${key}`, error);
  }
}

function foreign(came: string): ChurnError {
  return new ChurnError('model.mismatch', {
    expected: `a model written by ${PRODUCER}, format ${FORMAT}`,
    came,
    fix: 'retrain it here, or upgrade churn-mlops',
  });
}

function unreadable(came: string, cause?: unknown): ChurnError {
  return new ChurnError('input.unreadable', { expected: 'a whole ONNX model', came }, cause);
}
