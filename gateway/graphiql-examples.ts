/** What GraphiQL opens with: the way of a purchase, from the first mutation to the joined view, one tab for each step. */

interface Tab {
  readonly query: string;
  readonly variables?: string;
}

export const exampleTabs: readonly Tab[] = [
  {
    query: `# 1. A mutation answers with a receipt: begun, not done. What became of it, the transaction tells.
#    Run this twice: the second time both are refused, for the ids are taken.
mutation AddCustomerAndProduct {
  registerCustomer(input: { id: "ada", firstName: "Ada", lastName: "Lovelace" }) {
    ...Begun
  }
  addProduct(input: { id: "engine", name: "Analytical engine", price: "1815.12", stock: 10 }) {
    ...Begun
  }
}

fragment Begun on Receipt {
  transactionId
  id
  acceptedAt
}
`,
  },
  {
    query: `# 2. A purchase asks the product for stock and the customer for approval, at the same time.
mutation PlacePurchase {
  placePurchase(input: { customerId: "ada", lines: [{ productId: "engine", quantity: 2 }] }) {
    transactionId
    id
  }
}
`,
  },
  {
    query: `# 3. Put a transactionId below, under Variables: first comes its status as it is now, then each later one.
subscription WatchTransaction($id: ID!) {
  transaction(id: $id) {
    status
    command
    steps {
      name
      status
      at
    }
    rejection {
      code
      message
    }
    entity {
      __typename
      ... on Customer {
        firstName
        lastName
      }
      ... on Product {
        name
        stock
      }
      ... on Purchase {
        status
        total
      }
    }
  }
}
`,
    variables: '{\n  "id": "the transactionId of a receipt"\n}',
  },
  {
    query: `# 4. The joined view: purchases with their customers and products, and what they add up to.
query Purchases {
  purchases(first: 10) {
    totalCount
    totalAmount
    nodes {
      id
      status
      placedAt
      total
      customer {
        firstName
        lastName
        purchaseCount
        totalSpent
      }
      lines {
        quantity
        unitPrice
        product {
          name
          stock
          unitsSold
          revenue
        }
      }
    }
  }
}
`,
  },
  {
    query: `# 5. Every purchase as it changes, whoever changes it: start this, then place one in another window.
subscription WatchPurchases {
  purchaseChanged {
    id
    status
    total
    customer {
      lastName
    }
  }
}
`,
  },
];
