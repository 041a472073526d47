// The address follows what is on view, and is never written more often than browsers allow.
import assert from 'node:assert/strict';
import {test} from 'node:test';
import {fromSite} from './support.mjs';

const {AddressWriter} = await fromSite('address.js');

test('a held key for a minute: under 100 writes in any half minute, and the last word is there', () => {
  let time = 0, hash = '';
  const written = [], alarms = [];
  const writer = new AddressWriter({
    current: () => hash,
    put: wanted => { hash = wanted; written.push(time); },
    now: () => time,
    later: (act, wait) => alarms.push({act, at: time + wait})
  });
  for (; time < 60000; time += 1000 / 30) {
    for (const {act} of alarms.splice(0, alarms.findIndex(({at}) => at > time) + 1 || alarms.length)) act();
    writer.write(`#seed=${Math.round(time)}`);
  }
  const last = `#seed=${Math.round(time - 1000 / 30)}`;
  for (time += 2000; alarms.length > 0;) alarms.shift().act();
  assert.equal(hash, last);
  assert.equal(written[0], 0);
  for (const begin of written) assert.ok(written.filter(at => at >= begin && at < begin + 30000).length < 100);
});

test('what is said once is written at once, and not again', () => {
  let hash = '', writes = 0;
  const writer = new AddressWriter({
    current: () => hash,
    put: wanted => {
      hash = wanted;
      ++writes;
    },
    now: () => 5,
    later: () => 0
  });
  for (const wanted of ['#seed=1', '#seed=1', '#seed=2']) writer.write(wanted);
  assert.equal(hash, '#seed=2');
  assert.equal(writes, 2);
});
