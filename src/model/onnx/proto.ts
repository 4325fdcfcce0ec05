import protobuf from 'protobufjs';

/**
 * The part of onnx-ml.proto that our models use (field numbers of ONNX 1.23; fields not named here are skipped when read).
 * Where ONNX says int64 we say int32: the bytes of a number from 0 to 2^31 - 1 are the same, and all of ours are such.
 * Lists are packed, which every reader must accept.
 */
const SCHEMA = `
syntax = "proto2";
message AttributeProto {
  optional string name = 1;
  optional float f = 2;
  optional int32 i = 3;
  optional bytes s = 4;
  repeated float floats = 7 [packed = true];
  repeated int32 ints = 8 [packed = true];
  repeated bytes strings = 9;
  optional int32 type = 20;
}
message NodeProto {
  repeated string input = 1;
  repeated string output = 2;
  optional string name = 3;
  optional string op_type = 4;
  repeated AttributeProto attribute = 5;
  optional string domain = 7;
}
message TensorProto {
  repeated int32 dims = 1 [packed = true];
  optional int32 data_type = 2;
  repeated float float_data = 4 [packed = true];
  optional string name = 8;
  repeated double double_data = 10 [packed = true];
}
message Dimension { optional int32 dim_value = 1; optional string dim_param = 2; }
message TensorShapeProto { repeated Dimension dim = 1; }
message TensorType { optional int32 elem_type = 1; optional TensorShapeProto shape = 2; }
message TypeProto { optional TensorType tensor_type = 1; }
message ValueInfoProto { optional string name = 1; optional TypeProto type = 2; }
message GraphProto {
  repeated NodeProto node = 1;
  optional string name = 2;
  repeated TensorProto initializer = 5;
  repeated ValueInfoProto input = 11;
  repeated ValueInfoProto output = 12;
}
message OperatorSetIdProto { optional string domain = 1; optional int32 version = 2; }
message StringStringEntryProto { optional string key = 1; optional string value = 2; }
message ModelProto {
  optional int32 ir_version = 1;
  optional string producer_name = 2;
  optional string producer_version = 3;
  optional GraphProto graph = 7;
  repeated OperatorSetIdProto opset_import = 8;
  repeated StringStringEntryProto metadata_props = 14;
}`;

export interface AttributeProto {
  name: string;
  type: number;
  f?: number;
  i?: number;
  s?: Uint8Array;
  floats?: ArrayLike<number>;
  ints?: ArrayLike<number>;
  strings?: Uint8Array[];
}

export interface NodeProto {
  name: string;
  op_type: string;
  domain: string;
  input: string[];
  output: string[];
  attribute: AttributeProto[];
}

export interface TensorProto {
  name: string;
  dims: number[];
  data_type: number;
  float_data?: ArrayLike<number>;
  double_data?: ArrayLike<number>;
}

export interface ValueInfoProto {
  name: string;
  type?: {
    tensor_type?: { elem_type: number; shape?: { dim: { dim_value?: number; dim_param?: string }[] } };
  };
}

export interface ModelProto {
  ir_version: number;
  producer_name: string;
  producer_version: string;
  graph: {
    name: string;
    node: NodeProto[];
    initializer: TensorProto[];
    input: ValueInfoProto[];
    output: ValueInfoProto[];
  } | null;
  opset_import: { domain: string; version: number }[];
  metadata_props: { key: string; value: string }[];
}

/** ONNX's numbers for the types of attributes and tensor elements. */
export const ATTRIBUTE = { float: 1, int: 2, string: 3, floats: 6, ints: 7, strings: 8 } as const;
export const ELEMENT = { float: 1, double: 11 } as const;

const modelType = protobuf.parse(SCHEMA, { keepCase: true }).root.lookupType('ModelProto');

/** The bytes of a model; the same model gives the same bytes. */
export function encodeModel(model: ModelProto): Uint8Array {
  // Copied out of protobuf's Buffer, whose slice() would share its memory.
  return Uint8Array.from(modelType.encode(model).finish());
}

/** Reads a model; what is absent has protobuf's default. @throws Error when the bytes are no protobuf message. */
export function decodeModel(bytes: Uint8Array): ModelProto {
  return modelType.decode(bytes) as unknown as ModelProto;
}
