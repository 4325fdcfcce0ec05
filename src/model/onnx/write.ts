import { ChurnError } from '../../error.js';
import type { LinearForm } from '../linear-form.js';
import { widthOf } from '../tree/form.js';
import { FORMAT, INPUT, KEYS, MARGIN, PROBABILITY, PRODUCER, type PublishedModel } from './model.js';
import {
  ATTRIBUTE,
  type AttributeProto,
  ELEMENT,
  encodeModel,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from './proto.js';
import { treesNode } from './write-trees.js';

const IR_VERSION = 8;
const OPSETS = [
  { domain: '', version: 17 },
  { domain: 'ai.onnx.ml', version: 3 },
];

/** Nodes that compute the margin, and the constants they need. */
interface Part {
  nodes: NodeProto[];
  constants: TensorProto[];
}

/**
 * A model as an ONNX file: input `features` float [N, columns] with NaN for missing, outputs `margin` [N, 1] (log-odds
 * before calibration) and `probability` [N, 1]. The same model gives the same bytes.
 * @throws model.mismatch when the encoding has other columns than the model.
 */
export function writeModel(model: PublishedModel): Uint8Array {
  const columns = widthOf(model.form);
  if (model.encoding.columns.length !== columns) {
    throw new ChurnError('model.mismatch', {
      expected: `an encoding of the model's ${columns} columns`,
      came: `${model.encoding.columns.length} columns`,
    });
  }
  const margin =
    model.form.kind === 'trees'
      ? { nodes: [treesNode(model.form.forest)], constants: [] }
      : linearPart(model.form.linear);
  const probability = probabilityPart(model.calibration.slope, model.calibration.intercept);
  return encodeModel({
    ir_version: IR_VERSION,
    producer_name: PRODUCER,
    producer_version: FORMAT,
    graph: {
      name: 'churn',
      node: [...margin.nodes, ...probability.nodes],
      initializer: [...margin.constants, ...probability.constants],
      input: [floats(INPUT, columns)],
      output: [floats(MARGIN, 1), floats(PROBABILITY, 1)],
    },
    opset_import: OPSETS,
    metadata_props: metadataOf(model),
  });
}

function metadataOf(model: PublishedModel): ModelProto['metadata_props'] {
  const { method, reason } = model.calibration;
  const entries: Record<string, string> = {
    ...model.metadata,
    [KEYS.format]: FORMAT,
    [KEYS.features]: JSON.stringify(model.encoding.features.map(featureOf)),
    [KEYS.columns]: JSON.stringify(model.encoding.columns),
    [KEYS.calibration]: JSON.stringify({ method, reason }),
  };
  return Object.keys(entries)
    .sort()
    .map((key) => ({ key, value: entries[key] }));
}

/** With the keys in one order, whatever object came. */
function featureOf(feature: PublishedModel['encoding']['features'][number]): object {
  return feature.type === 'number'
    ? { name: feature.name, type: feature.type }
    : { name: feature.name, type: feature.type, categories: feature.categories };
}

/** In float64, as the pure scorer computes; the margin is rounded to float32 at the end. */
function linearPart(linear: LinearForm): Part {
  const columns = linear.weights.length;
  return {
    nodes: [
      { ...nodeOf('Cast', [INPUT], ['values']), attribute: [intAttribute('to', ELEMENT.double)] },
      nodeOf('IsNaN', ['values'], ['missing']),
      nodeOf('Sub', ['values', 'centres'], ['moved']),
      nodeOf('Where', ['missing', 'nothing', 'moved'], ['centred']),
      nodeOf('MatMul', ['centred', 'weights'], ['weighted']),
      nodeOf('Add', ['weighted', 'bias'], ['log_odds']),
      { ...nodeOf('Cast', ['log_odds'], [MARGIN]), attribute: [intAttribute('to', ELEMENT.float)] },
    ],
    constants: [
      doubles('centres', [columns], linear.centres),
      doubles('nothing', [1], [0]),
      doubles('weights', [columns, 1], linear.weights),
      doubles('bias', [1], [linear.bias]),
    ],
  };
}

function probabilityPart(slope: number, intercept: number): Part {
  return {
    nodes: [
      nodeOf('Mul', [MARGIN, 'calibration_slope'], ['scaled']),
      nodeOf('Add', ['scaled', 'calibration_intercept'], ['calibrated']),
      nodeOf('Sigmoid', ['calibrated'], [PROBABILITY]),
    ],
    constants: [
      { name: 'calibration_slope', dims: [1], data_type: ELEMENT.float, float_data: [slope] },
      { name: 'calibration_intercept', dims: [1], data_type: ELEMENT.float, float_data: [intercept] },
    ],
  };
}

function nodeOf(operator: string, input: string[], output: string[], domain = ''): NodeProto {
  return { name: output[0], op_type: operator, domain, input, output, attribute: [] };
}

function floats(name: string, columns: number): ValueInfoProto {
  const shape = { dim: [{ dim_param: 'N' }, { dim_value: columns }] };
  return { name, type: { tensor_type: { elem_type: ELEMENT.float, shape } } };
}

function doubles(name: string, dims: number[], values: ArrayLike<number>): TensorProto {
  return { name, dims, data_type: ELEMENT.double, double_data: values };
}

function intAttribute(name: string, i: number): AttributeProto {
  return { name, type: ATTRIBUTE.int, i };
}
