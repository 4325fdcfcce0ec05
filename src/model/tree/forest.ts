/**
 * Trees as flat typed arrays, node by node. A missing (NaN) value follows `missingLeft`; otherwise a row goes left
 * when fround(value) < threshold. All arithmetic is float32, as in XGBoost, so that margins agree to the bit.
 */
export interface Forest {
  /** Log-odds every row starts from. */
  baseMargin: number;
  /** First node of each tree; the nodes of a tree are contiguous. */
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
