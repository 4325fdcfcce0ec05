import { ChurnError } from '../../error.js';

/** False when values did not fit the types that `work` read them with. */
export async function fits(work: () => Promise<unknown>): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (error instanceof ChurnError && error.code === 'data.column_type') {
      return false;
    }
    throw error;
  }
}
