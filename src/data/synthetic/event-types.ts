/** `event_type_code` is an index into this list. */
export const EVENT_TYPES = [
  'login',
  'course_enroll',
  'video_watch',
  'quiz_attempt',
  'payment_success',
  'payment_failed',
  'support_ticket',
] as const;

/** `course_code` is an index into this list, -1 for none. */
export const COURSES = [
  'argo-cd',
  'devops-warrior',
  'k8s-mastery',
  'linux-pro',
  'mlops-foundation',
  'observability',
  'terraform',
] as const;
