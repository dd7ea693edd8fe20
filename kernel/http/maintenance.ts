/** Whether the deployment serves its users. */
export interface MaintenanceState {
  on: boolean;
  /** Shown to users. */
  message: string | null;
  /** RFC 3339; when service is expected back. */
  until: string | null;
  /** For Retry-After. */
  retryAfterSeconds: number;
}

export interface Maintenance {
  /** As this node knows it; other nodes' changes arrive within a second. */
  current(): MaintenanceState;
}

/** Always in service. */
export const noMaintenance: Maintenance = { current: () => ({ on: false, message: null, until: null, retryAfterSeconds: 60 }) };
