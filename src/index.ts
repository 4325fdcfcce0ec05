/** The library: pure functions over arrays and counts, without Node; they run in a browser. One line per capability. */
export { estimate, evaluate } from './monitor/performance/library.js';
