import { defineService, Type } from '@proofpix/sdk';

const Look = Type.Object({ file: Type.String(), text: Type.String() });

/** What a spy got done with what it was shown: by attempt, `done` or the code of the refusal. */
export const spying = defineService({
  id: 'spy.looking',
  version: '1.0.0',
  methods: {
    look: { input: Look, output: Type.Object({ confined: Type.Boolean(), text: Type.String(), attempts: Type.Record(Type.String(), Type.Unknown()) }) },
    shout: { input: Look, output: Type.Null() },
  },
});

/** Another plugin that keeps for the spy what the spy may not keep. */
export const fencing = defineService({ id: 'fence.goods', version: '1.0.0', methods: { take: { input: Type.Object({ text: Type.String() }), output: Type.Object({ code: Type.String() }) } } });
