import { ChurnError } from '../error.js';
import type { LiveModel, ModelHolder } from './parts.js';

/** The model of a request. @throws registry.champion_missing (503) before one is loaded */
export function modelOf(holder: ModelHolder): LiveModel {
  const model = holder.current();
  if (model === null) {
    throw new ChurnError('registry.champion_missing', {
      expected: 'a loaded champion',
      came: holder.lastReload()?.error ?? 'none yet',
      fix: 'train a version and run `churn-mlops promote`, then ask again',
    });
  }
  return model;
}
