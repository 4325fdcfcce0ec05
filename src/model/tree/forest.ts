/**
 * Trees as flat typed arrays, node by node. A missing (NaN) value follows `missingLeft`; otherwise a row goes left
 * when fround(value) < threshold. All arithmetic is float32, as in XGBoost, so that margins agree to the bit.
 */
export interface Forest {
  /** Columns of the design matrix the trees read: the length of a row. */
  columns: number;
  /** Log-odds every row starts from. */
  baseMargin: number;
  /** First node of each tree; the nodes of a tree are contiguous and every node stands after its parent. */
  roots: Int32Array;
  /** Column tested at a node; -1 at a leaf. */
  column: Int32Array;
  threshold: Float32Array;
  /** Index of the children in these arrays (absolute); -1 at a leaf. */
  left: Int32Array;
  right: Int32Array;
  missingLeft: Uint8Array;
  /** Value of a leaf; 0 at inner nodes. */
  leaf: Float32Array;
  /** Sum of hessians of the training rows that passed the node: the weights of path-dependent SHAP. */
  cover: Float32Array;
}

/** A forest of `nodes` leaves of value 0, to be filled in. */
export function emptyForest(columns: number, baseMargin: number, trees: number, nodes: number): Forest {
  return {
    columns,
    baseMargin,
    roots: new Int32Array(trees),
    column: new Int32Array(nodes).fill(-1),
    threshold: new Float32Array(nodes),
    left: new Int32Array(nodes).fill(-1),
    right: new Int32Array(nodes).fill(-1),
    missingLeft: new Uint8Array(nodes),
    leaf: new Float32Array(nodes),
    cover: new Float32Array(nodes),
  };
}

/** The node after a tree's last. */
export function endOf(forest: Forest, tree: number): number {
  return tree + 1 < forest.roots.length ? forest.roots[tree + 1] : forest.column.length;
}
