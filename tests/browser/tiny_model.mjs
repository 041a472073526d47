// A denoiser small enough to write by hand, as .onnx bytes: for tests that need a model, a damaged one or one of
// another shape.
//
// It smooths x by two convolutions with weights from a counter, with the noise level as a bias; so its pictures are
// coloured clouds, and every run of it is the same.

import {graphs, int64, ints, join, message, node, number, outside, tensor, text, value} from './onnx_writer.mjs';

function* weights(start) {   // evenly spread in (-1, 1)
  for (let k = start; ; ++k) yield 2 * ((k * 0.6180339887498949) % 1) - 1;
}
const some = (count, scale, start) => {
  const source = weights(start);
  return Array.from({length: count}, () => scale * source.next().value);
};

const KERNEL = 7;

/** A smoothing kernel with a random tint for every channel, so that colours gather into clouds. */
function firstWeights(channels) {
  const tints = some(channels * 3, 1, 3), first = [];
  for (let c = 0; c < channels; ++c)
    for (let rgb = 0; rgb < 3; ++rgb)
      for (let y = 0; y < KERNEL; ++y)
        for (let x = 0; x < KERNEL; ++x)
          first.push(0.16 * tints[c * 3 + rgb] * Math.exp(-((x - 3) ** 2 + (y - 3) ** 2) / 8));
  return first;
}

/** The bytes of the file that weightsIn names. */
export const outsideWeights = (channels = 12) => Buffer.from(Float32Array.from(firstWeights(channels)).buffer);

/** Options: size; metadata to add or replace; inputs and output names; hint: with a hint input; weightsIn: the name of
    the file that holds the first weights, which is then outsideWeights(). */
export function tinyModel(
    {size = 64, metadata = {}, xName = 'x', hint = false, channels = 12, weightsIn = null} = {}) {
  const about = {
    'florilegium.version': '1',
    image_size: size,
    noise: 'gaussian',
    noise_scale: 1,
    schedule: 'shifted:2',
    default_steps: 12,
    title: 'Coloured clouds',
    trained_on: 'nothing',
    train_samples: 0,
    held_out_loss: 0,
    parameters: 0,
    gflop_per_step: 0.01,
    ...metadata
  };
  const kernel = KERNEL, first = firstWeights(channels);
  const nodes = [
    node('Reshape', ['noise_level', 'level_shape'], 'level'),
    node(
        'Conv', ['x', 'first_weight', 'first_bias'].map(name => (name === 'x' ? xName : name)), 'first',
        ints('pads', [3, 3, 3, 3])),
    node('Mul', ['level', 'level_weight'], 'level_bias'),
    node('Add', ['first', 'level_bias'], 'lifted'),
    node('Tanh', ['lifted'], 'bent'),
    node('Conv', ['bent', 'second_weight', 'second_bias'], 'clouds', ints('pads', [1, 1, 1, 1])),
  ];
  if (hint) {   // the painted colours, enlarged, are added where painted
    nodes.push(
        node('Slice', ['hint', 'slice_start', 'slice_end', 'slice_axis'], 'colours'),
        node('Resize', ['colours', '', 'resize_scales'], 'large_colours'),
        node('Add', ['clouds', 'large_colours'], 'hinted'));
  }
  nodes.push(node('Tanh', [hint ? 'hinted' : 'clouds'], 'denoised'));
  const graph = message(
      7, ...nodes, text(2, 'tiny'),
      weightsIn ? outside(
                      'first_weight', [channels, 3, kernel, kernel],
                      {location: weightsIn, offset: 0, length: 4 * first.length}) :
                  tensor('first_weight', [channels, 3, kernel, kernel], first),
      tensor('first_bias', [channels], some(channels, 0.3, 40)), int64('level_shape', [1, 1, 1, 1]),
      tensor('level_weight', [1, channels, 1, 1], some(channels, 0.5, 70)),
      tensor('second_weight', [3, channels, 3, 3], some(3 * channels * 9, 0.22, 90)),
      tensor('second_bias', [3], [0.3, 0.25, 0.1]),
      ...(hint ?
              [
                int64('slice_start', [0]), int64('slice_end', [3]), int64('slice_axis', [1]),
                tensor('resize_scales', [4], [1, 1, 8, 8])
              ] :
              []),
      value(11, xName, [1, 3, size, size]), value(11, 'noise_level', [1]),
      ...(hint ? [value(11, 'hint', [1, 4, size / 8, size / 8])] : []), value(12, 'denoised', [1, 3, size, size]));
  return join([number(1, 8), text(2, 'florilegium tests'), graph, message(8, number(2, 17)),
    ...Object.entries(about).map(([key, entry]) => message(14, text(1, key), text(2, String(entry))))]);
}

/** A ladder of two: above noise level `change` averages over 4 x 4 pixels are looked at, below it the pixels. The first
    is told by `view` which kind of plate to plan. */
export function tinyLadder({size = 32, change = 0.5, metadata = {}} = {}) {
  const about = {
    'florilegium.version': '1',
    image_size: size,
    noise: 'gaussian',
    noise_scale: 1,
    schedule: 'linear',
    default_steps: 10,
    title: 'Two rungs',
    gflop_per_step: '0.001 0.01',
    'florilegium.ladder': JSON.stringify([{from_level: change}]),
    ...metadata
  };
  const picture = [1, 3, size, size];
  const coarse = [
    node('AveragePool', ['x'], 'averages', ints('kernel_shape', [4, 4]), ints('strides', [4, 4])),
    node('Conv', ['averages', 'coarse_weight'], 'planned', ints('pads', [1, 1, 1, 1])),
    node('Reshape', ['view', 'view_shape'], 'kind'),
    node('Add', ['planned', 'kind'], 'told'),
    node('Tanh', ['told'], 'plan'),
    node('Resize', ['plan', '', 'coarse_scales'], 'coarse_denoised'),
    text(2, 'coarse'),
    tensor('coarse_weight', [3, 3, 3, 3], some(81, 0.6, 7)),
    int64('view_shape', [1, 1, 1, 1]),
    tensor('coarse_scales', [4], [1, 1, 4, 4]),
    value(12, 'coarse_denoised', picture),
  ];
  const fine = [
    node('Conv', ['x', 'fine_weight'], 'drawn', ints('pads', [1, 1, 1, 1])),
    node('Tanh', ['drawn'], 'fine_denoised'),
    text(2, 'fine'),
    tensor('fine_weight', [3, 3, 3, 3], some(81, 0.4, 33)),
    value(12, 'fine_denoised', picture),
  ];
  const graph = message(
      7, node('Greater', ['noise_level', 'change'], 'above'),
      node('If', ['above'], 'denoised', graphs('then_branch', ...coarse), graphs('else_branch', ...fine)),
      text(2, 'ladder'), tensor('change', [1], [change]), value(11, 'x', picture), value(11, 'noise_level', [1]),
      value(11, 'view', [1]), value(12, 'denoised', picture));
  return join([number(1, 8), text(2, 'florilegium tests'), graph, message(8, number(2, 17)),
    ...Object.entries(about).map(([key, entry]) => message(14, text(1, key), text(2, String(entry))))]);
}
