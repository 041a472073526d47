// The models that came with the site, models/index.json: which one opens when nobody chose, and what is known of each.
import {fetchList} from './kept-files.mjs';

const PREFERRED = ['florilegium.onnx', 'botanical.onnx', 'garden.onnx'];

/** -> [{file, title, bytes, imageSize, gflopPerStep, trainSamples, sha256}] */
export const fetchShipped = () => fetchList('models/index.json');

/** The address of one, by its file's name. */
export const addressOf = file => new URL(`models/${file}`, new URL('./', import.meta.url));

/** What opens when nobody chose, its file's name; undefined where none came. */
export const usualOf = list =>
    PREFERRED.find(preferred => list.some(one => one.file === preferred)) ?? list[0]?.file;

/** A model's address (URL) -> what the engine loads; of a listed one the size and hash are known. */
export function sourceOf(url, list) {
  const listed = list.find(({file}) => addressOf(file).href === url.href);
  return {
    name: decodeURIComponent(url.pathname.split('/').at(-1)),
    url: url.href,
    sha256: listed?.sha256,
    size: listed?.bytes
  };
}
