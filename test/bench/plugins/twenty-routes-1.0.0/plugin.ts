import { twentyRoutes } from '../twenty-routes.ts';

export default twentyRoutes('1.0.0');
