import type { Bundle } from '../../../src/model/registry/registry.js';

/** What a registry looks at; the rest of a record is carried along. */
export function bundle(text: string, at = '2025-08-15'): Bundle {
  const manifest = {
    at,
    trainer: 'linear',
    data: { from: '2025-01-01' },
    label: {},
    parameters: {},
    seed: 1,
    features: [],
  };
  return {
    model: Buffer.from(text),
    profile: { columns: [] } as unknown as Bundle['profile'],
    golden: { features: [], rows: [], probabilities: [] },
    manifest: manifest as unknown as Bundle['manifest'],
  };
}
