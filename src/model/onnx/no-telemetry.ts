// onnxruntime-node 1.30 reports to its makers unless told not to: it writes a device id into the cache folder and a log
// into the temporary folder. Imported before the package; a worker thread has no say in it, so its parent imports this too.
process.env.ORT_DISABLE_TELEMETRY ??= '1';
