import { ChurnError } from '../../error.js';
import { emptyForest, endOf, type Forest } from '../tree/forest.js';
import type { NodeProto } from './proto.js';

/**
 * The forest in a TreeEnsembleRegressor as `writeModel` lays it out: first a tree of one leaf, the base margin, then each tree's
 * nodes in a row, parents before their children.
 * @throws input.unreadable when lists do not fit together or a node leads out of its tree (a walk would not end).
 */
export function readTrees(node: NodeProto, columns: number): Forest {
  const list = (name: string, kind: 'ints' | 'floats'): ArrayLike<number> =>
    node.attribute.find((attribute) => attribute.name === name)?.[kind] ?? [];
  const treeIds = list('nodes_treeids', 'ints');
  const lists = {
    column: list('nodes_featureids', 'ints'),
    left: list('nodes_truenodeids', 'ints'),
    right: list('nodes_falsenodeids', 'ints'),
    missingLeft: list('nodes_missing_value_tracks_true', 'ints'),
    threshold: list('nodes_values', 'floats'),
    cover: list('nodes_hitrates', 'floats'),
  };
  const modes = node.attribute.find(({ name }) => name === 'nodes_modes')?.strings ?? [];
  const weights = list('target_weights', 'floats');
  const nodes = treeIds.length - 1;
  const fits = [modes, ...Object.values(lists)].every(({ length }) => length === nodes + 1);
  if (nodes < 0 || !fits || treeIds[0] !== 0 || treeIds[1] === 0) {
    throw damaged('lists of different lengths');
  }
  const forest = emptyForest(columns, weights[0], treeIds[nodes], nodes);
  let leaves = 1;
  let root = 0;
  for (let at = 0; at < nodes; at++) {
    const tree = treeIds[at + 1];
    if (tree !== treeIds[at]) {
      if (tree !== treeIds[at] + 1) {
        throw damaged(`tree ${tree} after tree ${treeIds[at]}`);
      }
      root = at;
      forest.roots[tree - 1] = root;
    }
    forest.cover[at] = lists.cover[at + 1];
    if (Buffer.from(modes[at + 1]).toString() === 'LEAF') {
      forest.leaf[at] = weights[leaves++];
      continue;
    }
    forest.column[at] = lists.column[at + 1];
    forest.threshold[at] = lists.threshold[at + 1];
    forest.left[at] = root + lists.left[at + 1];
    forest.right[at] = root + lists.right[at + 1];
    forest.missingLeft[at] = lists.missingLeft[at + 1];
  }
  if (leaves !== weights.length) {
    throw damaged(`${weights.length} leaf values for ${leaves} leaves`);
  }
  checkLinks(forest);
  return forest;
}

function checkLinks(forest: Forest): void {
  const { roots, column, left, right, columns } = forest;
  for (let tree = 0; tree < roots.length; tree++) {
    const end = endOf(forest, tree);
    for (let node = roots[tree]; node < end; node++) {
      const inner = column[node] >= 0;
      const ahead = left[node] > node && right[node] > node && left[node] < end && right[node] < end;
      if (inner && (!ahead || column[node] >= columns)) {
        throw damaged(`node ${node} leading out of its tree or reading column ${column[node]} of ${columns}`);
      }
    }
  }
}

function damaged(came: string): ChurnError {
  return new ChurnError('input.unreadable', { expected: 'a tree ensemble written by churn-mlops', came });
}
