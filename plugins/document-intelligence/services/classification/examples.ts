import type { IntelligenceContext } from '../../kit.ts';
import type { Example } from './classify.ts';

/** The latest say most about what is coming, and more would have to be read for every document. */
const mostExamples = 200;

/** What people of the tenant said of documents, the newest first. */
export async function examplesOf(ctx: IntelligenceContext): Promise<Example[]> {
  const { items } = await ctx.db.corrections.find({ orderBy: [['id', 'desc']], limit: mostExamples });
  return items.map(({ label, features }) => ({ label, features }));
}
