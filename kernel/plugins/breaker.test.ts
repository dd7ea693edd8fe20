import t from 'tap';
import { isError } from '@proofpix/sdk';
import { openBreaker } from './breaker.ts';

t.test('a failing plugin gets a pause, one trial, and a longer pause when that fails too', async (t) => {
  let now = 0;
  const breaker = openBreaker({ threshold: 2, pauseMs: 1000, now: () => now });
  const enters = (): boolean => {
    try {
      breaker.enter('p');
      return true;
    } catch (error) {
      t.ok(isError(error, 'UNAVAILABLE'));
      return false;
    }
  };
  breaker.leave('p', true);
  t.ok(enters(), 'one fault is no pattern');
  breaker.leave('p', true);
  t.notOk(enters(), 'open');
  now = 1000;
  t.ok(enters(), 'one trial');
  t.notOk(enters(), 'and only one');
  breaker.leave('p', true);
  now = 2999;
  t.notOk(enters(), 'the pause has doubled');
  now = 3000;
  t.ok(enters());
  breaker.leave('p', false);
  t.equal(breaker.state('p'), 'closed');
});

t.test('an answer in between counts the faults anew', async (t) => {
  const breaker = openBreaker({ threshold: 2 });
  breaker.leave('p', true);
  breaker.leave('p', false);
  breaker.leave('p', true);
  t.equal(breaker.state('p'), 'closed');
});
