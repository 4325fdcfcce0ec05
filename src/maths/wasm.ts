/** What we use of WebAssembly, which the language's own types do not know. */
declare const WebAssembly: {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: unknown };
};

export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

const PAGE = 65_536;

/** A new instance of a module, in hexadecimal, with a memory of its own. */
export function instantiate<T>(bytes: string): T & { memory: WasmMemory } {
  const module = Uint8Array.from(bytes.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
  return new WebAssembly.Instance(new WebAssembly.Module(module)).exports as T & { memory: WasmMemory };
}

/** Grows a memory to at least so many bytes; views of it have to be made anew. */
export function growTo(memory: WasmMemory, bytes: number): void {
  const missing = bytes - memory.buffer.byteLength;
  if (missing > 0) {
    memory.grow(Math.ceil(missing / PAGE));
  }
}
