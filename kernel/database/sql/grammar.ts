/**
 * The part of PostgreSQL's syntax that `ctx.sql` admits, as a table over the parser's nodes: node type → field → what
 * the field holds. A node or a field that is not here refuses the statement, so syntax that a later parser adds is
 * refused until somebody thought about it.
 */

/** `leaf`: scalars, or a literal without children. `node`: `{Type: {…}}`. `nodes`: a list of those. Else a bare node of that type. */
export type Shape = 'leaf' | 'node' | 'nodes' | 'RangeVar' | 'Alias' | 'SelectStmt' | 'WithClause' | 'TypeName' | 'WindowDef' | 'OnConflictClause' | 'InferClause' | 'ReturningClause';

type Fields = Readonly<Record<string, Shape>>;

const statement: Fields = { withClause: 'WithClause' };

export const grammar: Readonly<Record<string, Fields>> = {
  SelectStmt: {
    ...statement, distinctClause: 'nodes', targetList: 'nodes', fromClause: 'nodes', whereClause: 'node', groupClause: 'nodes', groupDistinct: 'leaf', havingClause: 'node', windowClause: 'nodes', valuesLists: 'nodes',
    sortClause: 'nodes', limitOffset: 'node', limitCount: 'node', limitOption: 'leaf', lockingClause: 'nodes', op: 'leaf', all: 'leaf', larg: 'SelectStmt', rarg: 'SelectStmt',
  },
  InsertStmt: { ...statement, relation: 'RangeVar', cols: 'nodes', selectStmt: 'node', onConflictClause: 'OnConflictClause', returningClause: 'ReturningClause', override: 'leaf' },
  UpdateStmt: { ...statement, relation: 'RangeVar', targetList: 'nodes', whereClause: 'node', fromClause: 'nodes', returningClause: 'ReturningClause' },
  DeleteStmt: { ...statement, relation: 'RangeVar', usingClause: 'nodes', whereClause: 'node', returningClause: 'ReturningClause' },

  WithClause: { ctes: 'nodes' },
  CommonTableExpr: { ctename: 'leaf', aliascolnames: 'nodes', ctematerialized: 'leaf', ctequery: 'node' },
  OnConflictClause: { action: 'leaf', infer: 'InferClause', targetList: 'nodes', whereClause: 'node' },
  InferClause: { indexElems: 'nodes' },
  IndexElem: { name: 'leaf', ordering: 'leaf', nulls_ordering: 'leaf' },
  ReturningClause: { exprs: 'nodes' },
  LockingClause: { lockedRels: 'nodes', strength: 'leaf', waitPolicy: 'leaf' },
  ResTarget: { name: 'leaf', val: 'node' },
  SetToDefault: {},

  RangeVar: { relname: 'leaf', inh: 'leaf', relpersistence: 'leaf', alias: 'Alias' },
  RangeSubselect: { lateral: 'leaf', subquery: 'node', alias: 'Alias' },
  RangeFunction: { lateral: 'leaf', ordinality: 'leaf', functions: 'nodes', alias: 'Alias' },
  JoinExpr: { jointype: 'leaf', isNatural: 'leaf', larg: 'node', rarg: 'node', usingClause: 'nodes', quals: 'node', alias: 'Alias', rtindex: 'leaf' },
  Alias: { aliasname: 'leaf', colnames: 'nodes' },

  ColumnRef: { fields: 'nodes' },
  ParamRef: { number: 'leaf' },
  A_Const: { ival: 'leaf', fval: 'leaf', sval: 'leaf', boolval: 'leaf', isnull: 'leaf' },
  A_Star: {},
  A_Expr: { kind: 'leaf', name: 'nodes', lexpr: 'node', rexpr: 'node', rexpr_list_start: 'leaf', rexpr_list_end: 'leaf' },
  A_ArrayExpr: { elements: 'nodes', list_start: 'leaf', list_end: 'leaf' },
  A_Indirection: { arg: 'node', indirection: 'nodes' },
  A_Indices: { is_slice: 'leaf', lidx: 'node', uidx: 'node' },
  BoolExpr: { boolop: 'leaf', args: 'nodes' },
  BooleanTest: { arg: 'node', booltesttype: 'leaf' },
  CaseExpr: { arg: 'node', args: 'nodes', defresult: 'node' },
  CaseWhen: { expr: 'node', result: 'node' },
  CoalesceExpr: { args: 'nodes' },
  CollateClause: { arg: 'node', collname: 'nodes' },
  FuncCall: { funcname: 'nodes', args: 'nodes', agg_order: 'nodes', agg_filter: 'node', over: 'WindowDef', agg_within_group: 'leaf', agg_star: 'leaf', agg_distinct: 'leaf', funcformat: 'leaf' },
  GroupingSet: { kind: 'leaf', content: 'nodes' },
  Integer: { ival: 'leaf' },
  List: { items: 'nodes' },
  MinMaxExpr: { op: 'leaf', args: 'nodes' },
  NullTest: { arg: 'node', nulltesttype: 'leaf', argisrow: 'leaf' },
  RowExpr: { args: 'nodes', row_format: 'leaf' },
  SortBy: { node: 'node', sortby_dir: 'leaf', sortby_nulls: 'leaf' },
  SQLValueFunction: { op: 'leaf', typmod: 'leaf' },
  String: { sval: 'leaf' },
  SubLink: { subLinkType: 'leaf', testexpr: 'node', operName: 'nodes', subselect: 'node' },
  TypeCast: { arg: 'node', typeName: 'TypeName' },
  TypeName: { names: 'nodes', typmods: 'nodes', typemod: 'leaf', arrayBounds: 'nodes' },
  WindowDef: { name: 'leaf', refname: 'leaf', partitionClause: 'nodes', orderClause: 'nodes', frameOptions: 'leaf', startOffset: 'node', endOffset: 'node' },
};

const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/).filter((word) => word !== ''));

/**
 * Functions that read only their arguments and whose time and memory follow from them. Left out on purpose: anything
 * that sees settings, sessions, files or catalogues; `repeat`, `lpad`, `generate_series` (output without input);
 * `power`, `exp`, `ln`, `log` (seconds without an interrupt on large numerics); `clock_timestamp` (a stopwatch).
 */
export const functions = words(`
  count sum avg min max bool_and bool_or every array_agg string_agg json_agg jsonb_agg json_object_agg jsonb_object_agg
  stddev stddev_pop stddev_samp variance var_pop var_samp corr percentile_cont percentile_disc mode
  row_number rank dense_rank percent_rank cume_dist ntile lag lead first_value last_value nth_value
  lower upper initcap length char_length character_length octet_length btrim ltrim rtrim substring substr position strpos
  left right replace split_part concat concat_ws reverse overlay starts_with translate ascii md5 like_escape to_char
  to_date to_timestamp to_number now statement_timestamp transaction_timestamp date_trunc date_part date_bin extract age
  make_date make_timestamp make_timestamptz make_interval timezone justify_days justify_hours justify_interval isfinite
  abs ceil ceiling floor round trunc sign sqrt cbrt mod div gcd lcm width_bucket degrees radians pi sin cos tan atan atan2 asin acos
  jsonb_build_object jsonb_build_array json_build_object json_build_array to_json to_jsonb row_to_json jsonb_array_length
  jsonb_array_elements jsonb_array_elements_text jsonb_each jsonb_each_text jsonb_object_keys jsonb_typeof
  jsonb_extract_path jsonb_extract_path_text jsonb_set jsonb_insert jsonb_strip_nulls
  unnest array_length cardinality array_position array_append array_prepend array_cat array_remove array_to_string string_to_array
  to_tsvector to_tsquery plainto_tsquery phraseto_tsquery websearch_to_tsquery ts_rank ts_rank_cd ts_headline
  gen_random_uuid num_nulls num_nonnulls grouping
`);

export const types = words('text varchar bpchar char int2 int4 int8 numeric float4 float8 bool uuid date time timetz timestamp timestamptz interval json jsonb tsvector tsquery');

/** Without regular expressions: PostgreSQL's engine backtracks. */
export const operators = words('= <> != < > <= >= + - * / % || -> ->> #> #>> #- @> <@ ? ?| ?& && @@ ~~ !~~ ~~* !~~*');

/** `BETWEEN` and its relatives carry their keyword as the operator's name. */
export const betweens = new Set(['BETWEEN', 'NOT BETWEEN', 'BETWEEN SYMMETRIC', 'NOT BETWEEN SYMMETRIC']);

export const expressionKinds = new Set(['AEXPR_OP', 'AEXPR_OP_ANY', 'AEXPR_OP_ALL', 'AEXPR_DISTINCT', 'AEXPR_NOT_DISTINCT', 'AEXPR_NULLIF', 'AEXPR_IN', 'AEXPR_LIKE', 'AEXPR_ILIKE', 'AEXPR_BETWEEN', 'AEXPR_NOT_BETWEEN', 'AEXPR_BETWEEN_SYM', 'AEXPR_NOT_BETWEEN_SYM']);

export const valueFunctions = new Set(['SVFOP_CURRENT_DATE', 'SVFOP_CURRENT_TIME', 'SVFOP_CURRENT_TIME_N', 'SVFOP_CURRENT_TIMESTAMP', 'SVFOP_CURRENT_TIMESTAMP_N', 'SVFOP_LOCALTIME', 'SVFOP_LOCALTIME_N', 'SVFOP_LOCALTIMESTAMP', 'SVFOP_LOCALTIMESTAMP_N']);

/** System columns tell about other transactions and about the table's place in the catalogue. */
export const systemColumns = words('ctid xmin xmax cmin cmax tableoid');

export const statements = new Set(['SelectStmt', 'InsertStmt', 'UpdateStmt', 'DeleteStmt']);
