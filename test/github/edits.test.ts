// Owns the proof that a comment is known to be another one since, over the wire as GitHub tells it.
import { describe, expect, test } from 'vitest';
import { CommentId } from '../../src/domain/ids.ts';
import { react } from '../../src/local/model/comments.ts';
import { ALICE, scene } from './scene.ts';

describe('a comment that was edited', () => {
  test("hours later by somebody else: it is seen as edited, not as its author's words", async () => {
    const world = await scene();
    const { world: shop } = world.github;
    shop.grant('max', 'maintain');
    const number = world.issue();
    await world.watermark();
    world.pass(5);
    const plain = shop.comment('max', number, 'Looks fine to me.');
    const spoken = shop.comment('max', number, '/orch why');
    expect((await world.look()).snapshot.commands).toMatchObject([{ comment: spoken.id }]);
    world.pass(180);
    shop.editComment('alice', plain.id, '/orch pause');
    const { commands } = (await world.look()).snapshot;
    const seen = new Map(commands.map(({ comment, edited }) => [Number(comment), edited ?? false]));
    expect(seen).toEqual(
      new Map([
        [plain.id, true],
        [spoken.id, false],
      ]),
    );
  });

  test('after it was heard and answered: it is over, whatever it says now', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const number = world.issue();
    await world.watermark();
    world.pass(5);
    const { id } = shop.comment('alice', number, '/orch why');
    const [command] = (await world.look()).snapshot.commands;
    await world.record(number, {
      kind: 'commanded',
      at: world.clock.now(),
      by: ALICE,
      from: { comment: CommentId.parse(id) },
      verb: 'why',
      engine: null,
      model: null,
      refused: null,
    });
    react(shop, shop.as('alice'), shop.commentBy(id), '+1');
    world.pass(5);
    shop.editComment('alice', id, '/orch ask do something else');
    expect([command?.comment, (await world.look()).snapshot.commands]).toEqual([id, []]);
  });

  test('in the very moment it was written: it is what its author sent', async () => {
    const world = await scene();
    const { world: shop } = world.github;
    const number = world.issue();
    await world.watermark();
    world.pass(5);
    const { id } = shop.comment('alice', number, '/orch paus');
    shop.editComment('alice', id, '/orch pause');
    const [command] = (await world.look()).snapshot.commands;
    expect([command?.edited, command?.parsed]).toEqual([undefined, { kind: 'command', command: { verb: 'pause' } }]);
  });
});
