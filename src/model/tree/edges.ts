import { endOf, type Forest } from './forest.js';

/** Stands for a way that no training row took: too small to show in a sum. */
const LEAST_SHARE = 1e-30;

/** What does not depend on the row, node by node; the node stands for the edge that leads to it. */
export interface Edges {
  parent: Int32Array;
  /** 1 when it is its parent's left child. */
  isLeft: Uint8Array;
  /** Nearest node above on the same path whose edge tests the same column; -1 when there is none. */
  same: Int32Array;
  /** Share of the cover that passes all edges of this column down to here. */
  share: Float64Array;
}

/** Finds the edges of all trees; nodes stand after their parents, so one pass does. */
export function edgesOf(forest: Forest): Edges {
  const nodes = forest.column.length;
  const edges: Edges = {
    parent: new Int32Array(nodes).fill(-1),
    isLeft: new Uint8Array(nodes),
    same: new Int32Array(nodes).fill(-1),
    share: new Float64Array(nodes).fill(1),
  };
  for (let node = 0; node < nodes; node++) {
    if (forest.column[node] >= 0) {
      edges.isLeft[forest.left[node]] = 1;
      for (const child of [forest.left[node], forest.right[node]]) {
        edges.parent[child] = node;
        edges.same[child] = nearestOf(forest, edges.parent, node);
        const earlier = edges.same[child] < 0 ? 1 : edges.share[edges.same[child]];
        edges.share[child] = earlier * ratioOf(forest, node, child);
      }
    }
  }
  return edges;
}

/** Share of a node's cover that goes on to a child; never quite 0, since it is divided by. */
function ratioOf(forest: Forest, node: number, child: number): number {
  const all = forest.cover[node];
  return all > 0 ? Math.min(Math.max(forest.cover[child] / all, LEAST_SHARE), 1) : LEAST_SHARE;
}

/** The nearest node at or above `node` whose own edge tests the column that `node` tests. */
function nearestOf(forest: Forest, parent: Int32Array, node: number): number {
  for (let above = node; parent[above] >= 0; above = parent[above]) {
    if (forest.column[parent[above]] === forest.column[node]) {
      return above;
    }
  }
  return -1;
}

/** Most different columns tested on the way to a leaf. */
export function mostColumnsOnPath(forest: Forest, edges: Edges): number {
  const counts = new Int32Array(forest.column.length);
  let most = 0;
  for (let node = 0; node < counts.length; node++) {
    if (edges.parent[node] >= 0) {
      counts[node] = counts[edges.parent[node]] + (edges.same[node] < 0 ? 1 : 0);
      most = Math.max(most, counts[node]);
    }
  }
  return most;
}

/** Mean margin of the training rows, by cover. */
export function expectedMargin(forest: Forest, edges: Edges): number {
  const reach = new Float64Array(forest.column.length).fill(1);
  let expected = forest.baseMargin;
  for (let node = 0; node < reach.length; node++) {
    const parent = edges.parent[node];
    if (parent >= 0) {
      reach[node] = reach[parent] * ratioOf(forest, parent, node);
    }
    if (forest.column[node] < 0) {
      expected += reach[node] * forest.leaf[node];
    }
  }
  return expected;
}

/** Nodes of the largest tree. */
export function largestTree(forest: Forest): number {
  let largest = 1;
  for (let tree = 0; tree < forest.roots.length; tree++) {
    largest = Math.max(largest, endOf(forest, tree) - forest.roots[tree]);
  }
  return largest;
}
