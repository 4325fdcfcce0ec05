import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { asFileError, removeTemporary, temporaryBeside } from '../../files.js';

type Make<T> = (folder: () => Promise<string>) => Promise<T>;

/** What an engine was asked to make once, with a folder of its own for who has files to keep. */
export interface Keeper {
  once<T>(key: string, make: Make<T>): Promise<T>;
  /** Removes the folder; of a killed process it is a leftover (see files.ts). */
  forget(): Promise<void>;
}

export function openKeeper(spillFolder: string): Keeper {
  const folder = temporaryBeside(join(spillFolder, 'kept'));
  const made = new Map<string, Promise<unknown>>();
  const madeFolder = async () => {
    await mkdir(folder, { recursive: true }).catch((error) => {
      throw asFileError(error, folder, 'write');
    });
    return folder;
  };
  return {
    once: <T>(key: string, make: Make<T>) => {
      const known = made.get(key);
      if (known !== undefined) {
        return known as Promise<T>;
      }
      const work = make(madeFolder);
      made.set(key, work);
      work.catch(() => made.delete(key));
      return work;
    },
    forget: () => removeTemporary(folder),
  };
}
