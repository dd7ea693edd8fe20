import { twentyRoutes } from '../twenty-routes.ts';

export default twentyRoutes('1.1.0');
