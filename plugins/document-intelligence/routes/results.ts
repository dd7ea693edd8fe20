import { AnalysisResults, JobParams, ResultsQuery } from '../analysis-schemas.ts';
import { route } from '../kit.ts';
import { analysisView } from '../services/pipeline/analysis-view.ts';
import { findAnalysis } from '../services/pipeline/find-analysis.ts';

const pagesAtOnce = 20;

export const results = route({
  name: 'results',
  method: 'GET',
  path: '/api/document-intelligence/results/:jobId',
  access: 'tenant',
  permission: 'document-intelligence:read',
  summary: 'How far an analysis has come, and what each step found',
  params: JobParams,
  query: ResultsQuery,
  response: AnalysisResults,
  async handler(ctx, { params: { jobId }, query: { include = '', limit = pagesAtOnce, cursor = null } }) {
    const included = include.split(',');
    const analysis = await findAnalysis(ctx, jobId);
    const { items } = await ctx.db.steps.find({ where: { analysisId: jobId } });
    const view = analysisView(analysis, items, { tags: included.includes('tags') });
    if (!included.includes('entities')) return { ...view, entities: null };
    const pages = await ctx.db.entities.find({ where: { analysisId: jobId }, orderBy: [['page', 'asc']], limit, cursor });
    return { ...view, entities: { items: pages.items.map(({ page, found }) => ({ page, found })), nextCursor: pages.nextCursor } };
  },
});
