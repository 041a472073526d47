// Writes .onnx files by hand: a protobuf encoder that knows just the messages of onnx.proto which the tests' models
// use.

const varint = value => {
  const bytes = [];
  for (let rest = BigInt(value); ; rest >>= 7n) {
    if (rest < 128n) return Uint8Array.from([...bytes, Number(rest)]);
    bytes.push(Number(rest & 127n) | 128);
  }
};
export const join = parts => {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) { all.set(part, at); at += part.length; }
  return all;
};
export const number = (field, value) => join([varint(field * 8), varint(value)]);
export const bytes = (field, value) => join([varint(field * 8 + 2), varint(value.length), value]);
export const text = (field, value) => bytes(field, new TextEncoder().encode(value));
export const message = (field, ...parts) => bytes(field, join(parts));

const FLOAT = 1;
// AttributeProto
export const ints = (name, values) =>
    message(5, text(1, name), ...values.map(value => number(8, value)), number(20, 7));
export const node = (op, inputs, output, ...attributes) =>
    message(1, ...inputs.map(name => text(1, name)), text(2, output), text(4, op), ...attributes);
export const value = (field, name, shape, type = FLOAT) => message(field, text(1, name),
    message(2, message(1, number(1, type), message(2, ...shape.map(size => message(1, number(1, size)))))));
export const tensor = (name, shape, data) => message(
    5, ...shape.map(size => number(1, size)), number(2, FLOAT), text(8, name),
    bytes(9, new Uint8Array(Float32Array.from(data).buffer)));
/** A tensor whose numbers lie in another file from byte `offset` on. */
export const outside = (name, shape, {location, offset, length}) => message(
    5, ...shape.map(size => number(1, size)), number(2, FLOAT), text(8, name),
    ...Object.entries({location, offset, length}).map(([key,
                                                        entry]) => message(13, text(1, key), text(2, String(entry)))),
    number(14, 1));
export const int64 = (name, values) => message(
    5, number(1, values.length), number(2, 7), text(8, name),
    bytes(9, new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer)));
/** body: the parts of a GraphProto. */
export const graphs = (name, ...body) => message(5, text(1, name), message(6, ...body), number(20, 5));
