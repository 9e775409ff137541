/** Whether an order is far enough for its installation to be planned. */
export const isBookable = (status: string): boolean => ['shipped', 'delivered', 'installation'].includes(status)
