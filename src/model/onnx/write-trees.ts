import { endOf, type Forest } from '../tree/forest.js';
import { INPUT, MARGIN } from './model.js';
import { ATTRIBUTE, type AttributeProto, type NodeProto } from './proto.js';

/** The rows of the operator's tables, one per node, the base margin's leaf before them. */
interface Rows {
  treeIds: Int32Array;
  nodeIds: Int32Array;
  left: Int32Array;
  right: Int32Array;
  modes: Uint8Array[];
  /** The rows that are leaves. */
  leaves: Int32Array;
}

/**
 * The base margin is a first tree of one leaf and `base_values` 0: onnxruntime then adds the same float32 numbers in the
 * same order as XGBoost and gives the same margins. In `base_values` it would be added last.
 */
export function treesNode(forest: Forest): NodeProto {
  const { treeIds, nodeIds, left, right, modes, leaves } = rowsOf(forest);
  const weightAt = (row: number) => (row === 0 ? forest.baseMargin : forest.leaf[row - 1]);
  const columns = forest.column.map((column) => Math.max(column, 0));
  const attribute: AttributeProto[] = [
    stringAttribute('aggregate_function', 'SUM'),
    floatsAttribute('base_values', [0]),
    { name: 'n_targets', type: ATTRIBUTE.int, i: 1 },
    intsAttribute('nodes_falsenodeids', right),
    intsAttribute('nodes_featureids', [0, ...columns]),
    floatsAttribute('nodes_hitrates', [0, ...forest.cover]),
    intsAttribute('nodes_missing_value_tracks_true', [0, ...forest.missingLeft]),
    { name: 'nodes_modes', type: ATTRIBUTE.strings, strings: modes },
    intsAttribute('nodes_nodeids', nodeIds),
    intsAttribute('nodes_treeids', treeIds),
    intsAttribute('nodes_truenodeids', left),
    floatsAttribute('nodes_values', [0, ...forest.threshold]),
    stringAttribute('post_transform', 'NONE'),
    intsAttribute('target_ids', new Int32Array(leaves.length)),
    intsAttribute(
      'target_nodeids',
      Int32Array.from(leaves, (row) => nodeIds[row]),
    ),
    intsAttribute(
      'target_treeids',
      Int32Array.from(leaves, (row) => treeIds[row]),
    ),
    floatsAttribute('target_weights', Float32Array.from(leaves, weightAt)),
  ];
  const operator = { op_type: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml' };
  return { name: MARGIN, ...operator, input: [INPUT], output: [MARGIN], attribute };
}

function rowsOf(forest: Forest): Rows {
  const nodes = forest.column.length;
  const [treeIds, nodeIds, left, right] = Array.from({ length: 4 }, () => new Int32Array(nodes + 1));
  const modes: Uint8Array[] = [LEAF];
  const leaves = [0];
  for (let tree = 0; tree < forest.roots.length; tree++) {
    const root = forest.roots[tree];
    for (let node = root; node < endOf(forest, tree); node++) {
      const row = node + 1;
      treeIds[row] = tree + 1;
      nodeIds[row] = node - root;
      if (forest.column[node] >= 0) {
        left[row] = forest.left[node] - root;
        right[row] = forest.right[node] - root;
        modes.push(BRANCH);
      } else {
        modes.push(LEAF);
        leaves.push(row);
      }
    }
  }
  return { treeIds, nodeIds, left, right, modes, leaves: Int32Array.from(leaves) };
}

const LEAF = Buffer.from('LEAF');
const BRANCH = Buffer.from('BRANCH_LT');

function intsAttribute(name: string, ints: ArrayLike<number>): AttributeProto {
  return { name, type: ATTRIBUTE.ints, ints };
}

function floatsAttribute(name: string, values: ArrayLike<number>): AttributeProto {
  return { name, type: ATTRIBUTE.floats, floats: values };
}

function stringAttribute(name: string, value: string): AttributeProto {
  return { name, type: ATTRIBUTE.string, s: Buffer.from(value) };
}
